namespace Chappe.Tool.Tests;

/// <summary>Long text, cut to what a failure message needs.</summary>
internal static class Excerpt
{
    private const int FirstLines = 5;
    private const int LastLines = 15;
    private const int LineLength = 300;

    /// <summary>The first and the last lines of a text, each of bounded length.</summary>
    public static string Of(string text)
    {
        string[] lines = text.TrimEnd('\n').Split('\n');
        int left = lines.Length - FirstLines - LastLines;
        IEnumerable<string> kept = left <= 1 ? lines : [.. lines[..FirstLines], $"[{left} more lines]", .. lines[^LastLines..]];
        return string.Join('\n', kept.Select(line => line.Length <= LineLength ? line : $"{line[..LineLength]}[{line.Length - LineLength} more characters]"));
    }
}
