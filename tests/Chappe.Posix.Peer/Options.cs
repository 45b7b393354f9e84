using System.Globalization;

namespace Chappe.Posix.Peer;

/// <summary>Words such as <c>mode=0640 owner=0 max=65536</c>.</summary>
internal static class Options
{
    internal static SharedMemoryOptions Parse(IEnumerable<string> words)
    {
        var options = new SharedMemoryOptions();
        foreach (string word in words)
        {
            string value = word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..];
            options = word[..^(value.Length + 1)] switch
            {
                "mode" => options with { Mode = (UnixFileMode)Convert.ToInt32(value, 8) },
                "owner" => options with { AllowedOwners = [long.Parse(value, CultureInfo.InvariantCulture)] },
                "group" => options with { GroupId = int.Parse(value, CultureInfo.InvariantCulture) },
                "max" => options with { MaxLength = long.Parse(value, CultureInfo.InvariantCulture) },
                _ => throw new ArgumentException(word),
            };
        }

        return options;
    }

    internal static int Integer(this string word) => int.Parse(word, CultureInfo.InvariantCulture);

    internal static long Long(this string word) => long.Parse(word, CultureInfo.InvariantCulture);
}
