using System.Runtime.Versioning;

namespace Chappe.Posix;

/// <summary>The size and fill of /dev/shm, statvfs(3).</summary>
/// <param name="TotalBytes">Its size; <see cref="long.MaxValue"/> where it has no limit of its own.</param>
/// <param name="AvailableBytes">What is free of it.</param>
/// <param name="TotalFiles">How many files it may hold; <see cref="long.MaxValue"/> where that has no limit.</param>
/// <param name="AvailableFiles">How many more.</param>
[SupportedOSPlatform("linux")]
public readonly record struct SharedMemorySpace(long TotalBytes, long AvailableBytes, long TotalFiles, long AvailableFiles)
{
    /// <summary>Looks at it now.</summary>
    /// <exception cref="PosixException">There is no /dev/shm.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    public static SharedMemorySpace Get()
    {
        Platform.Check();
        if (Interop.FileSystemStatus(PosixName.Directory, out Interop.FileSystemBuffer status) != 0)
        {
            throw Failure.FromLastError("look at", PosixName.Directory);
        }

        // tmpfs without a limit (size=0, nr_inodes=0) says that it has none at all.
        return new SharedMemorySpace(
            status.Blocks == 0 ? long.MaxValue : (long)(status.Blocks * status.BlockLength),
            status.Blocks == 0 ? long.MaxValue : (long)(status.AvailableBlocks * status.BlockLength),
            status.Files == 0 ? long.MaxValue : (long)status.Files,
            status.Files == 0 ? long.MaxValue : (long)status.AvailableFiles);
    }
}
