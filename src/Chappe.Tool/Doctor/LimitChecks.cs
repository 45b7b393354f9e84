using System.Globalization;

namespace Chappe.Tool;

/// <summary>The resource limits of this process, see prlimit(1).</summary>
internal static class LimitChecks
{
    /// <summary>Each side of a channel opens four files, .NET several dozen.</summary>
    private const long TooFewFiles = 128;

    public static Finding OpenFiles(MachineFiles machine) => Soft(machine, "Max open files") switch
    {
        null => Finding.Ok("open files", "No limit."),
        < TooFewFiles and var limit => Finding.Problem("open files", $"At most {limit} (ulimit -n).", "Raise the limit (ulimit -n 1024, LimitNOFILE=): each side of a channel opens four files, .NET several dozen."),
        var limit => Finding.Ok("open files", $"At most {limit} (ulimit -n). Each side of a channel opens four."),
    };

    public static Finding AddressSpace(MachineFiles machine) => Soft(machine, "Max address space") switch
    {
        null => Finding.Ok("address space", $"No limit. This program reserves {DisplayText.Bytes(CommonOptions.MaxPayloadLength)} of it for each channel: addresses, not memory."),
        var limit => Finding.Note(
            "address space",
            $"At most {DisplayText.Bytes((double)limit)} (ulimit -v). It limits the size of payloads, for which a channel reserves address space when it opens.",
            "Remove the limit (ulimit -v unlimited, LimitAS=infinity): the reservation takes addresses, not memory."),
    };

    /// <summary>The soft limit; null for none.</summary>
    private static long? Soft(MachineFiles machine, string name)
    {
        string? line = (machine.Read("/proc/self/limits") ?? "").Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.TryParse(line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : null;
    }
}
