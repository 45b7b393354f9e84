using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

internal static partial class Interop
{
    internal const int PROT_READ = 1;
    internal const int PROT_WRITE = 2;
    internal const int MAP_SHARED = 1;
    internal const int MAP_NORESERVE = 0x4000;
    internal const int MADV_DONTFORK = 10;
    internal const int MADV_DONTDUMP = 16;
    internal const nint MapFailed = -1;

    /// <summary>lseek(2): finds the first hole at or after the offset, or the end of the file if there is none.</summary>
    internal const int SEEK_HOLE = 4;

    [LibraryImport(Segments, EntryPoint = "shm_open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SafeFileHandle SegmentOpen(string name, int flags, uint mode);

    [LibraryImport(Segments, EntryPoint = "shm_unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SegmentUnlink(string name);

    /// <summary>The error is the return value; errno is not set.</summary>
    [LibraryImport(C, EntryPoint = "posix_fallocate")]
    internal static partial int Allocate(SafeFileHandle file, long offset, long length);

    [LibraryImport(C, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(SafeFileHandle file, long length);

    [LibraryImport(C, EntryPoint = "lseek", SetLastError = true)]
    internal static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport(C, EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint Map(nint address, nuint length, int protection, int flags, SafeFileHandle file, long offset);

    [LibraryImport(C, EntryPoint = "munmap")]
    internal static partial int Unmap(nint address, nuint length);

    [LibraryImport(C, EntryPoint = "madvise")]
    internal static partial int Advise(nint address, nuint length, int advice);
}
