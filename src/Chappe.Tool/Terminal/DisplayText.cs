using System.Globalization;
using System.Text;

namespace Chappe.Tool;

/// <summary>Text made safe to show to people.</summary>
internal static class DisplayText
{
    /// <summary>
    /// Whether a character steers the terminal or reorders or hides text: a control, a line separator, or an invisible format character such as a
    /// bidirectional override. The joiners U+200C and U+200D are not: words of Persian and Hindi, and many emoji, contain them.
    /// </summary>
    public static bool IsUnsafe(Rune character) => Rune.GetUnicodeCategory(character) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Format => character.Value is not (0x200C or 0x200D),
        _ => false,
    };

    /// <summary>Whether a text can be shown as it is.</summary>
    public static bool IsSafe(string text) => !text.EnumerateRunes().Any(IsUnsafe);

    /// <summary>The text with its unsafe characters escaped (U+202E as <c>\u202E</c>): a name from elsewhere must neither steer the terminal nor deceive its reader.</summary>
    public static string Safe(string text)
    {
        if (IsSafe(text))
        {
            return text;
        }

        var shown = new StringBuilder(text.Length);
        foreach (Rune character in text.EnumerateRunes())
        {
            shown.Append(IsUnsafe(character) ? Escaped(character) : character.ToString());
        }

        return shown.ToString();
    }

    /// <summary>A number of bytes in a fitting unit: 512 B, 1.5 MB, 3.22 GB.</summary>
    public static string Bytes(double bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB"];
        int unit = 0;
        while (bytes >= 999.5 && unit < units.Length - 1)
        {
            bytes /= 1000;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes:G3} {units[unit]}");
    }

    private static string Escaped(Rune character) => character.IsBmp ? $"\\u{character.Value:X4}" : $"\\U{character.Value:X8}";
}
