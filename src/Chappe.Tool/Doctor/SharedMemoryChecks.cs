using System.Globalization;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>The file system, permissions and free space of /dev/shm.</summary>
internal static class SharedMemoryChecks
{
    private const string Directory = "/dev/shm";
    private const string Type = "tmpfs";
    private const UnixFileMode Expected = (UnixFileMode)0x3FF;

    /// <summary>The size in a container that docker starts without --shm-size.</summary>
    private const long ContainerDefault = 64L << 20;

    private const long TooLittle = 1L << 20;
    private const long TooFewFiles = 16;

    private const string Larger =
        "To make it larger: docker run --shm-size, in Kubernetes an emptyDir of medium Memory with a larger sizeLimit, or mount -o remount,size=... /dev/shm.";

    public static Finding Space() => Space(SharedMemorySpace.Get());

    public static Finding Space(SharedMemorySpace space)
    {
        string found = space.TotalBytes == long.MaxValue
            ? "No limit."
            : $"{DisplayText.Bytes(space.TotalBytes)}, {DisplayText.Bytes(space.TotalBytes - space.AvailableBytes)} used.";
        if (space.AvailableBytes < TooLittle || space.AvailableFiles < TooFewFiles)
        {
            string files = space.AvailableFiles < TooFewFiles ? $" Only {space.AvailableFiles.ToString(CultureInfo.InvariantCulture)} more files can be made." : "";
            return Finding.Problem("space", $"{found}{files} It is full: no payload can be sent.", $"Remove what dead processes left in it (chappe list, ls -l {Directory}). {Larger}");
        }

        return space.TotalBytes <= ContainerDefault
            ? Finding.Note("space", $"{found} All payloads of all channels share it: {Meaning(space.TotalBytes)}", Larger)
            : Finding.Ok("space", $"{found} A container gets 64 MiB by default: {Meaning(ContainerDefault)}");
    }

    public static Finding Permissions()
    {
        UnixFileMode mode = File.GetUnixFileMode(Directory);
        string found = $"Mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}, {new DriveInfo(Directory).DriveFormat}.";
        if (!PosixFeatures.HasUnnamedFiles)
        {
            return Finding.Problem(
                "permissions", $"{found} It does not support unnamed files (O_TMPFILE).", $"Mount a {Type} there: channels need it.");
        }

        return mode != Expected
            ? Finding.Note("permissions", $"{found} It should be 1777: every user can create objects, and only their owner can remove them.", $"chmod 1777 {Directory}")
            : new DriveInfo(Directory).DriveFormat != Type
                ? Finding.Note("permissions", $"{found} It is not a {Type}: shared memory may be written to a disk.", $"Mount a {Type} there.")
                : Finding.Ok("permissions", found);
    }

    private static string Meaning(long bytes) =>
        $"enough for one RGB picture of {bytes / 3 / 1_000_000} megapixels.";
}
