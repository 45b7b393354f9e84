using System.Runtime.InteropServices;

namespace Chappe.Posix;

internal static partial class Interop
{
    /// <summary>clockid_t CLOCK_MONOTONIC of linux/time.h.</summary>
    internal const int CLOCK_MONOTONIC = 1;

    /// <summary>clockid_t CLOCK_REALTIME of linux/time.h.</summary>
    internal const int CLOCK_REALTIME = 0;

    /// <summary>sizeof(sem_t) in bytes with 64-bit pointers: bits/semaphore.h of glibc (__SIZEOF_SEM_T), semaphore.h of musl.</summary>
    internal const int SemaphoreSize = 32;

    internal struct TimeSpecification
    {
        internal long Seconds;
        internal long Nanoseconds;

        internal static TimeSpecification FromNanoseconds(long nanoseconds) =>
            new() { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
    }

    /// <summary>Opens an existing semaphore: the further arguments of sem_open(3) apply only to O_CREAT.</summary>
    [LibraryImport(Semaphores, EntryPoint = "sem_open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SemaphoreHandle SemaphoreOpen(string name, int flags);

    [LibraryImport(Semaphores, EntryPoint = "sem_init")]
    internal static partial int SemaphoreInitialize(nint semaphore, int processShared, uint value);

    [LibraryImport(Semaphores, EntryPoint = "sem_close")]
    internal static partial int SemaphoreClose(nint semaphore);

    [LibraryImport(Semaphores, EntryPoint = "sem_unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SemaphoreUnlink(string name);

    // The next three omit SetLastError, which costs three times as much as the call. Each has only one error that matters.
    [LibraryImport(Semaphores, EntryPoint = "sem_post")]
    internal static partial int SemaphorePost(nint semaphore);

    [LibraryImport(Semaphores, EntryPoint = "sem_trywait")]
    internal static partial int SemaphoreTryWait(nint semaphore);

    [LibraryImport(Semaphores, EntryPoint = "sem_getvalue")]
    internal static partial int SemaphoreGetValue(nint semaphore, out int value);

    [LibraryImport(Semaphores, EntryPoint = "sem_clockwait", SetLastError = true)]
    internal static partial int SemaphoreClockWait(nint semaphore, int clock, in TimeSpecification deadline);

    [LibraryImport(Semaphores, EntryPoint = "sem_timedwait", SetLastError = true)]
    internal static partial int SemaphoreTimedWait(nint semaphore, in TimeSpecification deadline);
}
