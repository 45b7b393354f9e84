using System.Globalization;

namespace Chappe.Tool;

/// <summary>What this process may have: prlimit(1).</summary>
internal static class LimitChecks
{
    /// <summary>Each side of a channel has four files open, and .NET some dozens.</summary>
    private const long TooFewFiles = 128;

    public static Finding OpenFiles(MachineFiles machine) => Soft(machine, "Max open files") switch
    {
        null => Finding.Ok("open files", "No limit."),
        < TooFewFiles and var limit => Finding.Problem("open files", $"At most {limit} (ulimit -n).", "Raise it (ulimit -n 1024, LimitNOFILE=): a channel has four open on each side, .NET some dozens."),
        var limit => Finding.Ok("open files", $"At most {limit} (ulimit -n). A channel has four open on each side."),
    };

    public static Finding AddressSpace(MachineFiles machine) => Soft(machine, "Max address space") switch
    {
        null => Finding.Ok("address space", $"No limit. This program reserves {DisplayText.Bytes(CommonOptions.MaxPayloadLength)} of it for a channel: addresses, not memory."),
        var limit => Finding.Note(
            "address space",
            $"At most {DisplayText.Bytes((double)limit)} (ulimit -v). A payload can become only as large as what can be reserved for it at the beginning.",
            "Take the limit away (ulimit -v unlimited, LimitAS=infinity): what is reserved are addresses, not memory."),
    };

    /// <summary>The soft limit, null for none.</summary>
    private static long? Soft(MachineFiles machine, string name)
    {
        string? line = (machine.Read("/proc/self/limits") ?? "").Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.TryParse(line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : null;
    }
}
