using System.Runtime.Versioning;

namespace Chappe.Posix;

/// <summary>The size of /dev/shm and its free space, from statvfs(3).</summary>
/// <param name="TotalBytes">The size in bytes; <see cref="long.MaxValue"/> if it has no size limit.</param>
/// <param name="AvailableBytes">The number of free bytes; <see cref="long.MaxValue"/> if there is no size limit.</param>
/// <param name="TotalFiles">The maximum number of files; <see cref="long.MaxValue"/> if unlimited.</param>
/// <param name="AvailableFiles">The number of files that can still be created; <see cref="long.MaxValue"/> if unlimited.</param>
[SupportedOSPlatform("linux")]
public readonly record struct SharedMemorySpace(long TotalBytes, long AvailableBytes, long TotalFiles, long AvailableFiles)
{
    /// <summary>Reads the current values.</summary>
    /// <exception cref="PosixException">/dev/shm does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    public static SharedMemorySpace Get()
    {
        Platform.Check();
        if (Interop.FileSystemStatus(PosixName.Directory, out Interop.FileSystemBuffer status) != 0)
        {
            throw Failure.FromLastError("read the status of", PosixName.Directory);
        }

        // tmpfs without a limit (size=0, nr_inodes=0) reports a total of 0.
        return new SharedMemorySpace(
            status.Blocks == 0 ? long.MaxValue : (long)(status.Blocks * status.BlockLength),
            status.Blocks == 0 ? long.MaxValue : (long)(status.AvailableBlocks * status.BlockLength),
            status.Files == 0 ? long.MaxValue : (long)status.Files,
            status.Files == 0 ? long.MaxValue : (long)status.AvailableFiles);
    }
}
