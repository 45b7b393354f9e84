using System.Runtime.InteropServices;

namespace Chappe.Posix;

internal static unsafe partial class Interop
{
    // linux/futex.h
    internal const uint FUTEX2_SIZE_U32 = 0x02;
    internal const uint FUTEX2_PRIVATE = 128;
    internal const int FUTEX_WAKE = 1;
    internal const int FUTEX_PRIVATE_FLAG = 128;

    /// <summary>The system call number of futex_waitv(2) in asm-generic/unistd.h, the same on every architecture. glibc has no wrapper.</summary>
    internal const nint FutexWaitAnyNumber = 449;

    /// <summary>The system call number of futex(2): 202 on x86-64 (asm/unistd_64.h), 98 on arm64 (asm-generic/unistd.h).</summary>
    internal static nint FutexNumber => IsArm64 ? 98 : 202;

    /// <summary>struct futex_waitv in linux/futex.h.</summary>
    internal struct FutexEntry
    {
        internal ulong Expected;
        internal ulong Address;
        internal uint Flags;
        internal uint Reserved;
    }

    [LibraryImport(C, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, FutexEntry* entries, nuint count, nuint flags, TimeSpecification* deadline, nint clock);

    [LibraryImport(C, EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint address, nint operation, nint count, nint timeout, nint address2, nint value3);

    /// <summary>Blocks until one of the words is woken or differs from its expected value; see futex(2).</summary>
    /// <returns>0, or an errno. EAGAIN, EINTR and ETIMEDOUT occur in normal operation.</returns>
    internal static int FutexWaitAny(Span<FutexEntry> entries, Deadline deadline)
    {
        TimeSpecification end = TimeSpecification.FromNanoseconds(deadline.Nanoseconds);
        fixed (FutexEntry* first = entries)
        {
            nint result = SystemCall(FutexWaitAnyNumber, first, (nuint)entries.Length, 0, deadline.IsInfinite ? null : &end, CLOCK_MONOTONIC);
            return result >= 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Wakes at most <paramref name="count"/> waiters on a word.</summary>
    internal static void FutexWake(nint address, int count, bool isShared) =>
        SystemCall(FutexNumber, address, FUTEX_WAKE | (isShared ? 0 : FUTEX_PRIVATE_FLAG), count, 0, 0, 0);
}
