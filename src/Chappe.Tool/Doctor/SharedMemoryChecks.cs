using System.Globalization;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>Whether /dev/shm is what it should be, and how much room it has.</summary>
internal static class SharedMemoryChecks
{
    private const string Directory = "/dev/shm";
    private const string Type = "tmpfs";
    private const UnixFileMode Expected = (UnixFileMode)0x3FF;

    /// <summary>What docker gives a container that does not ask for more (--shm-size).</summary>
    private const long ContainerDefault = 64L << 20;

    private const long TooLittle = 1L << 20;
    private const long TooFewFiles = 16;

    private const string Larger =
        "Make it larger: docker run --shm-size, an emptyDir of medium Memory with a larger sizeLimit in Kubernetes, or mount -o remount,size=... /dev/shm.";

    public static Finding Space() => Space(SharedMemorySpace.Get());

    public static Finding Space(SharedMemorySpace space)
    {
        string found = space.TotalBytes == long.MaxValue
            ? "No limit of its own."
            : $"{DisplayText.Bytes(space.TotalBytes)}, {DisplayText.Bytes(space.TotalBytes - space.AvailableBytes)} used.";
        if (space.AvailableBytes < TooLittle || space.AvailableFiles < TooFewFiles)
        {
            string files = space.AvailableFiles < TooFewFiles ? $" Only {space.AvailableFiles.ToString(CultureInfo.InvariantCulture)} more files can be made." : "";
            return Finding.Problem("space", $"{found}{files} It is full: nothing can be sent.", $"See what is in it (chappe list, ls -l {Directory}) and remove what is dead. {Larger}");
        }

        return space.TotalBytes <= ContainerDefault
            ? Finding.Note("space", $"{found} That is all there is {Meaning(space.TotalBytes)}", Larger)
            : Finding.Ok("space", $"{found} A container has 64 MiB unless told otherwise, {Meaning(ContainerDefault)}");
    }

    public static Finding Permissions()
    {
        UnixFileMode mode = File.GetUnixFileMode(Directory);
        string found = $"Mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}, {new DriveInfo(Directory).DriveFormat}.";
        if (!PosixFeatures.HasUnnamedFiles)
        {
            return Finding.Problem(
                "permissions", $"{found} Files cannot be made in it without a name first (O_TMPFILE).", $"Mount a {Type} there: no channel can be made without it.");
        }

        return mode != Expected
            ? Finding.Note("permissions", $"{found} It should be 1777: everybody may make objects, and only their owner may remove them.", $"chmod 1777 {Directory}")
            : new DriveInfo(Directory).DriveFormat != Type
                ? Finding.Note("permissions", $"{found} It is not a {Type}: what is shared may be written to a disk.", $"Mount a {Type} there.")
                : Finding.Ok("permissions", found);
    }

    private static string Meaning(long bytes) =>
        $"for all payloads of all channels at once: one picture of {bytes / 3 / 1_000_000} megapixels in RGB, and nothing beside it.";
}
