using System.Runtime.InteropServices;

namespace Chappe.Posix;

internal static partial class Interop
{
    /// <summary>The system call number of futex_waitv(2) in asm-generic/unistd.h, the same on every architecture.</summary>
    private const nint FutexWaitMultipleNumber = 449;

    [LibraryImport(C, EntryPoint = "gnu_get_libc_version")]
    internal static partial nint GnuVersion();

    [LibraryImport(C, EntryPoint = "statvfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int FileSystemStatus(string path, out FileSystemBuffer buffer);

    [LibraryImport(C, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth, nint fifth);

    /// <summary>Returns the errno of openat2(2) for invalid arguments: ENOSYS or EPERM if the call is missing, or forbidden in a container.</summary>
    internal static int ProbeOpenAt2() => SystemCall(OpenAt2Number, -1, 0, 0, 0, 0) >= 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Returns the errno of futex_waitv(2) for invalid arguments.</summary>
    internal static int ProbeFutexWaitMultiple() => SystemCall(FutexWaitMultipleNumber, 0, 0, 0, 0, 0) >= 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>The used fields of struct statvfs with 64-bit words, which are the same in glibc (bits/statvfs.h) and musl.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct FileSystemBuffer
    {
        [FieldOffset(8)] internal ulong BlockLength;
        [FieldOffset(16)] internal ulong Blocks;
        [FieldOffset(32)] internal ulong AvailableBlocks;
        [FieldOffset(40)] internal ulong Files;
        [FieldOffset(56)] internal ulong AvailableFiles;
    }
}
