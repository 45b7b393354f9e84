using System.Globalization;

namespace Chappe.Tool;

/// <summary>Text made fit to be shown to people.</summary>
internal static class DisplayText
{
    /// <summary>Control characters shown as U+FFFD: a name or message from elsewhere must not steer the terminal.</summary>
    public static string Safe(string text) => string.Create(text.Length, text, static (shown, text) =>
    {
        for (int index = 0; index < shown.Length; index++)
        {
            shown[index] = char.IsControl(text[index]) ? '\uFFFD' : text[index];
        }
    });

    /// <summary>A number of bytes with the unit that fits: 512 B, 1.5 MB, 3.22 GB.</summary>
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
}
