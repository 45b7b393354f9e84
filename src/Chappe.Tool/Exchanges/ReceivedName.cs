using System.Text;
using Chappe.Images;

namespace Chappe.Tool;

/// <summary>The file name for a received payload: a single component, without characters that steer a terminal or hide text.</summary>
internal static class ReceivedName
{
    private const int NameMax = 255;
    private const string Nameless = "unnamed";

    /// <summary>The file name for a payload that is saved unchanged.</summary>
    /// <param name="asked">The requested name.</param>
    /// <param name="mediaTypeExtension">The extension of the payload's media type, with its dot, for a name without one.</param>
    public static string ForBytes(string asked, string? mediaTypeExtension)
    {
        string name = LastComponent(asked);
        return Path.HasExtension(name) ? Fit(name, "") : Fit(name, mediaTypeExtension ?? "");
    }

    /// <summary>The file name for pixels, which are encoded in the format of its extension.</summary>
    public static string ForPixels(string asked)
    {
        string name = LastComponent(asked);
        return ImageFile.CanWrite(Path.GetExtension(name)) ? Fit(name, "") : Fit(name, ".png");
    }

    /// <summary>The name with a number before its extension.</summary>
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
        foreach (Rune character in last.EnumerateRunes())
        {
            name.Append(DisplayText.IsUnsafe(character) ? "_" : character.ToString());
        }

        return name.ToString();
    }

    /// <summary>Joins the two, shortening the name but not its extension to the file system's limit.</summary>
    private static string Fit(string name, string suffix)
    {
        string whole = name + suffix;
        if (Encoding.UTF8.GetByteCount(whole) <= NameMax)
        {
            return whole;
        }

        // A very long "extension" is not one.
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
