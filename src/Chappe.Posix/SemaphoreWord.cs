using System.Runtime.InteropServices;

namespace Chappe.Posix;

/// <summary>
/// glibc's sem_t as 64-bit Linux has it: one word, the value in its low half and the number of waiters in its high half. Knowing it, a wait can block on the
/// semaphore and on something else at once, beside waiters in C that know nothing of it.
/// </summary>
/// <remarks>
/// The rules (glibc, nptl/sem_waitcommon.c): register before looking at the value, since a post wakes only if it sees a waiter; take a token and the registration
/// away in one step; whoever gives up while a token and other waiters are there wakes one of them.
/// </remarks>
internal static unsafe class SemaphoreWord
{
    private const long OneWaiter = 1L << 32;

    private static readonly Lazy<bool> Known = new(SelfTest);

    /// <summary>Whether libc's semaphores and the kernel are the ones this knows: found out by trying, once.</summary>
    internal static bool IsKnown => Known.Value;

    internal static void Register(nint semaphore) => Interlocked.Add(ref Word(semaphore), OneWaiter);

    internal static bool TryTakeAndUnregister(nint semaphore)
    {
        long seen = Volatile.Read(ref Word(semaphore));
        while ((uint)seen != 0)
        {
            long before = Interlocked.CompareExchange(ref Word(semaphore), seen - 1 - OneWaiter, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    internal static void Unregister(nint semaphore)
    {
        long left = Interlocked.Add(ref Word(semaphore), -OneWaiter);
        if ((uint)left != 0 && left >= OneWaiter)
        {
            Interop.FutexWake(semaphore, 1, isShared: true);
        }
    }

    /// <summary>An entry that waits while the value is 0.</summary>
    internal static Interop.FutexEntry EntryFor(nint semaphore) =>
        new() { Address = (ulong)semaphore, Expected = 0, Flags = Interop.FUTEX2_SIZE_U32 };

    private static ref long Word(nint semaphore) => ref *(long*)semaphore;

    private static bool SelfTest()
    {
        if (!BitConverter.IsLittleEndian || !Interop.HasFunction("gnu_get_libc_version"))
        {
            return false;
        }

        nint semaphore = (nint)NativeMemory.AlignedAlloc(Interop.SemaphoreSize, Interop.SemaphoreSize);
        try
        {
            return Interop.SemaphoreInitialize(semaphore, 1, 3) == 0 && KernelWaitsOnMany(semaphore) && CountsAreWhereExpected(semaphore) && PostWakes(semaphore);
        }
        finally
        {
            NativeMemory.AlignedFree((void*)semaphore);
        }
    }

    /// <summary>
    /// Asked apart from <see cref="PostWakes"/>, which never comes to wait if the post is quicker. The value is 3 and not 0: a kernel that knows the call says so.
    /// </summary>
    private static bool KernelWaitsOnMany(nint semaphore) => Interop.FutexWaitAny([EntryFor(semaphore)], default) == Interop.EAGAIN;

    private static bool CountsAreWhereExpected(nint semaphore)
    {
        if (Word(semaphore) != 3 || Interop.SemaphorePost(semaphore) != 0 || Word(semaphore) != 4)
        {
            return false;
        }

        Register(semaphore);
        bool taken = TryTakeAndUnregister(semaphore);
        return taken
            && Word(semaphore) == 3
            && Interop.SemaphoreTryWait(semaphore) == 0 && Interop.SemaphoreTryWait(semaphore) == 0 && Interop.SemaphoreTryWait(semaphore) == 0
            && Word(semaphore) == 0;
    }

    private static bool PostWakes(nint semaphore)
    {
        Register(semaphore);
        var poster = new Thread(() => _ = Interop.SemaphorePost(semaphore)) { IsBackground = true, Name = "Chappe self-test" };
        poster.Start();

        Deadline deadline = Deadline.After(TimeSpan.FromSeconds(5));
        bool taken = false;
        int error = 0;
        while (!(taken = TryTakeAndUnregister(semaphore)) && error is 0 or Interop.EAGAIN or Interop.EINTR)
        {
            error = Interop.FutexWaitAny([EntryFor(semaphore)], deadline);
        }

        poster.Join();
        return taken;
    }
}
