using System.Text;
using Chappe.Images;

namespace Chappe.Tool;

/// <summary>The file name that a received payload is saved under: one component, that cannot lead anywhere else.</summary>
internal static class ReceivedName
{
    private const int NameMax = 255;
    private const string Nameless = "unnamed";

    /// <summary>For a payload that is saved as it came.</summary>
    /// <param name="asked">The name that was asked for.</param>
    /// <param name="mediaTypeExtension">The extension that the payload's media type says, with its dot, for a name that has none.</param>
    public static string ForBytes(string asked, string? mediaTypeExtension)
    {
        string name = LastComponent(asked);
        return Path.HasExtension(name) ? Fit(name, "") : Fit(name, mediaTypeExtension ?? "");
    }

    /// <summary>For pixels, which are encoded to the format of the extension.</summary>
    public static string ForPixels(string asked)
    {
        string name = LastComponent(asked);
        return ImageFile.CanWrite(Path.GetExtension(name)) ? Fit(name, "") : Fit(name, ".png");
    }

    /// <summary>The same name with a number before its extension.</summary>
    public static string Numbered(string name, int number) =>
        Fit(Path.GetFileNameWithoutExtension(name), $"-{number}{Path.GetExtension(name)}");

    private static string LastComponent(string asked)
    {
        string last = asked[(asked.LastIndexOf('/') + 1)..];
        if (last is "" or "." or "..")
        {
            return Nameless;
        }

        var name = new StringBuilder(last.Length);
        foreach (char character in last)
        {
            name.Append(char.IsControl(character) ? '_' : character);
        }

        return name.ToString();
    }

    /// <summary>Joins the two and shortens the name, not its extension, to what a file system takes.</summary>
    private static string Fit(string name, string suffix)
    {
        string whole = name + suffix;
        if (Encoding.UTF8.GetByteCount(whole) <= NameMax)
        {
            return whole;
        }

        // An extension that fills the whole name is none worth keeping.
        string extension = Path.GetExtension(whole) is { Length: <= 16 } kept ? kept : "";
        string ending = suffix.EndsWith(extension, StringComparison.Ordinal) && suffix.Length > extension.Length ? suffix : extension;
        int room = NameMax - Encoding.UTF8.GetByteCount(ending);
        var shortened = new StringBuilder();
        foreach (Rune rune in whole[..^ending.Length].EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            shortened.Append(rune.ToString());
        }

        return shortened.Append(ending).ToString();
    }
}
