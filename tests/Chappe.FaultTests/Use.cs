namespace Chappe.FaultTests;

/// <summary>What this process has open and mapped.</summary>
internal static class Use
{
    /// <summary>The descriptors and mappings of a channel's objects.</summary>
    internal static string[] Of(string channel) =>
    [
        .. new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Select(descriptor => descriptor.LinkTarget ?? "").Where(target => target.Contains(channel, StringComparison.Ordinal)),
        .. File.ReadLines("/proc/self/maps").Where(target => target.Contains(channel, StringComparison.Ordinal)),
    ];
}
