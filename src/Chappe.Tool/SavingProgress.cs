using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary>A line on the terminal that says how far a large file has been saved. Small ones are over before it appears.</summary>
internal sealed class SavingProgress(IAnsiConsole console, string name, long total) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _next = Patience;
    private bool _shown;

    public void Report(long written)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        if (elapsed < _next || !console.Profile.Capabilities.Ansi)
        {
            return;
        }

        _next = elapsed + Interval;
        _shown = true;
        string percent = string.Create(CultureInfo.InvariantCulture, $"{100.0 * written / total:F0} %");
        Rewrite($"Saving {DisplayText.Safe(name)}: {percent} of {DisplayText.Bytes(total)}");
    }

    public void Dispose()
    {
        if (_shown)
        {
            Rewrite("");
        }
    }

    private void Rewrite(string text)
    {
        const string StartOfLine = "\r";
        const string EraseToEndOfLine = "\e[K";
        string fitting = text.Length < console.Profile.Width ? text : text[..Math.Max(0, console.Profile.Width - 1)];
        TextWriter writer = console.Profile.Out.Writer;
        writer.Write(StartOfLine + fitting + EraseToEndOfLine);
        writer.Flush();
    }
}
