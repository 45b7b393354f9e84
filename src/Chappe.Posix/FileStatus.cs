using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>What statx(2) says of a file, a segment or a semaphore's file.</summary>
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

    /// <summary>The device that the file is on.</summary>
    public ulong Device { get; }

    /// <summary>The file's inode: with <see cref="Device"/>, which file it is.</summary>
    public ulong Inode { get; }

    /// <summary>The length in bytes.</summary>
    public long Length { get; }

    /// <summary>The bytes that have memory behind them; less than <see cref="Length"/> if there are holes.</summary>
    public long AllocatedLength { get; }

    /// <summary>How many names the file has; 0 once it was unlinked.</summary>
    public long LinkCount { get; }

    /// <summary>The user id of the owner.</summary>
    public long OwnerUserId { get; }

    /// <summary>The group id.</summary>
    public long GroupId { get; }

    /// <summary>The permissions.</summary>
    public UnixFileMode Mode { get; }

    /// <summary>False for a directory, a FIFO, a symbolic link, a device.</summary>
    public bool IsRegularFile { get; }

    internal bool IsSymbolicLink { get; }

    /// <summary>When the contents changed last, in nanoseconds since 1970.</summary>
    public long ModifiedNanoseconds { get; }

    /// <summary>When the contents or the status changed last, in nanoseconds since 1970.</summary>
    public long ChangedNanoseconds { get; }

    /// <summary>Whether both are of the same file, at whatever times.</summary>
    public bool IsSameFileAs(in FileStatus other) => Inode == other.Inode && Device == other.Device;

    /// <summary>The status of an open file.</summary>
    /// <exception cref="PosixException">The system refuses.</exception>
    public static FileStatus Of(SafeFileHandle file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Interop.Status(file, "", Interop.AT_EMPTY_PATH, BasicStatistics, out Interop.StatusBuffer buffer) == 0
            ? new FileStatus(buffer)
            : throw Failure.FromLastError("look at", "an open file");
    }

    /// <summary>The status of what a path names; a symbolic link is not followed.</summary>
    /// <returns>False if there is nothing of that name.</returns>
    /// <exception cref="PosixException">The system refuses.</exception>
    internal static bool TryGet(string path, out FileStatus status)
    {
        int result = Interop.Status(Interop.AT_FDCWD, path, Interop.AT_SYMLINK_NOFOLLOW, BasicStatistics, out Interop.StatusBuffer buffer);
        return IsThere(result, buffer, path, out status);
    }

    /// <summary>The status of what a name in a directory names; a symbolic link is not followed.</summary>
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
        return error is Interop.ENOENT or Interop.ENOTDIR ? false : throw Failure.FromErrorNumber(error, "look at", path);
    }
}
