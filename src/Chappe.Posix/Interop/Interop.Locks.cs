using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

internal static partial class Interop
{
    // Open-file-description locks: fcntl_locking(2). The values are those of asm-generic/fcntl.h.
    internal const int F_OFD_GETLK = 36;
    internal const int F_OFD_SETLK = 37;
    internal const short F_WRLCK = 1;
    internal const short F_UNLCK = 2;

    /// <summary>struct flock with 64-bit offsets.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    internal struct LockRange
    {
        [FieldOffset(0)] internal short Type;
        [FieldOffset(2)] internal short Whence;
        [FieldOffset(8)] internal long Start;
        [FieldOffset(16)] internal long Length;

        /// <summary>Must be 0 for an open-file-description lock.</summary>
        [FieldOffset(24)] internal int ProcessId;
    }

    [LibraryImport(C, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(SafeFileHandle file, int command, ref LockRange range);
}
