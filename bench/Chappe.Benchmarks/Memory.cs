using System.Globalization;
using Chappe.Posix;

namespace Chappe.Benchmarks;

internal static class Memory
{
    /// <summary>The page cache, the segment, and a warm buffer for each contender that needs one on each side.</summary>
    private const int Copies = 14;

    /// <summary>Whether payloads of this size can be measured without running out of memory.</summary>
    public static bool HasRoomFor(long size)
    {
        bool has = AvailableBytes() > Copies * size && SharedMemory.AvailableBytes > 5 * size;
        if (!has)
        {
            Report.Progress($"no room for payloads of {size >> 20} MiB: left out");
        }

        return has;
    }

    private static long AvailableBytes() => StatusLine("/proc/meminfo", "MemAvailable:");

    /// <summary>A process's resident memory in bytes.</summary>
    public static long Resident(int process) => StatusLine($"/proc/{process}/status", "VmRSS:");

    /// <summary>The number of a process's mappings.</summary>
    public static int Mappings(int process) => File.ReadLines($"/proc/{process}/maps").Count();

    private static long StatusLine(string path, string name)
    {
        string line = File.ReadLines(path).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }
}
