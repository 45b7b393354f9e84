using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>The status of a file, of a segment or of a semaphore's file, from statx(2).</summary>
internal readonly record struct FileStatus
{
    // linux/stat.h
    internal const uint BasicStatistics = 0x7ff;
    internal const int TypeMask = 0xF000;
    internal const int RegularFile = 0x8000;
    internal const int SymbolicLink = 0xA000;
    private const int BlockSize = 512;

    private FileStatus(in Interop.StatusBuffer buffer)
    {
        Device = ((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor;
        Inode = buffer.Inode;
        Length = (long)buffer.Size;
        AllocatedLength = (long)buffer.Blocks * BlockSize;
        LinkCount = buffer.LinkCount;
        OwnerUserId = buffer.UserId;
        GroupId = buffer.GroupId;
        Mode = (UnixFileMode)(buffer.Mode & 0xFFF);
        IsRegularFile = (buffer.Mode & TypeMask) == RegularFile;
        IsSymbolicLink = (buffer.Mode & TypeMask) == SymbolicLink;
        ModifiedNanoseconds = (buffer.ModifiedSeconds * 1_000_000_000) + buffer.ModifiedNanoseconds;
        ChangedNanoseconds = (buffer.ChangedSeconds * 1_000_000_000) + buffer.ChangedNanoseconds;
    }

    /// <summary>The device that holds the file.</summary>
    public ulong Device { get; }

    /// <summary>The inode number. Together with <see cref="Device"/> it identifies the file.</summary>
    public ulong Inode { get; }

    /// <summary>The length in bytes.</summary>
    public long Length { get; }

    /// <summary>The number of bytes allocated for the file; less than <see cref="Length"/> if it has holes.</summary>
    public long AllocatedLength { get; }

    /// <summary>The number of names of the file; 0 once the last is unlinked.</summary>
    public long LinkCount { get; }

    /// <summary>The user id of the owner.</summary>
    public long OwnerUserId { get; }

    /// <summary>The group id.</summary>
    public long GroupId { get; }

    /// <summary>The permissions.</summary>
    public UnixFileMode Mode { get; }

    /// <summary>False for a directory, a FIFO, a symbolic link or a device.</summary>
    public bool IsRegularFile { get; }

    internal bool IsSymbolicLink { get; }

    /// <summary>The time of the last change to the contents, in nanoseconds since 1970-01-01 UTC.</summary>
    public long ModifiedNanoseconds { get; }

    /// <summary>The time of the last change to the contents or the status, in nanoseconds since 1970-01-01 UTC.</summary>
    public long ChangedNanoseconds { get; }

    /// <summary>Whether both describe the same file, possibly at different times.</summary>
    public bool IsSameFileAs(in FileStatus other) => Inode == other.Inode && Device == other.Device;

    /// <summary>Gets the status of an open file.</summary>
    /// <exception cref="PosixException">The status cannot be read.</exception>
    public static FileStatus Of(SafeFileHandle file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Interop.Status(file, "", Interop.AT_EMPTY_PATH, BasicStatistics, out Interop.StatusBuffer buffer) == 0
            ? new FileStatus(buffer)
            : throw Failure.FromLastError("read the status of", "an open file");
    }

    /// <summary>Gets the status of the file at a path. A symbolic link is not followed.</summary>
    /// <returns>False if the path does not exist.</returns>
    /// <exception cref="PosixException">The status cannot be read.</exception>
    internal static bool TryGet(string path, out FileStatus status)
    {
        int result = Interop.Status(Interop.AT_FDCWD, path, Interop.AT_SYMLINK_NOFOLLOW, BasicStatistics, out Interop.StatusBuffer buffer);
        return IsThere(result, buffer, path, out status);
    }

    /// <summary>Gets the status of the file of a name in a directory. A symbolic link is not followed.</summary>
    /// <inheritdoc cref="TryGet(string, out FileStatus)"/>
    internal static bool TryGet(SafeFileHandle directory, string name, out FileStatus status)
    {
        int result = Interop.Status(directory, name, Interop.AT_SYMLINK_NOFOLLOW, BasicStatistics, out Interop.StatusBuffer buffer);
        return IsThere(result, buffer, name, out status);
    }

    private static bool IsThere(int result, in Interop.StatusBuffer buffer, string path, out FileStatus status)
    {
        if (result == 0)
        {
            status = new FileStatus(buffer);
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        status = default;
        return error is Interop.ENOENT or Interop.ENOTDIR ? false : throw Failure.FromErrorNumber(error, "read the status of", path);
    }
}
