using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary>A line on the terminal about work that takes longer than half a second: a bar if progress is known, else the elapsed time.</summary>
internal sealed class ProgressLine : IDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly IAnsiConsole _console;
    private readonly string _what;
    private readonly long _total;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Timer? _timer;
    private long _done;
    private bool _shown;
    private bool _disposed;

    /// <summary>Starts the measurement.</summary>
    /// <param name="console">The console; only a terminal shows the line.</param>
    /// <param name="what">The work in progress; unsafe characters are escaped.</param>
    /// <param name="total">The number of bytes to process; 0 if no progress will be reported.</param>
    public ProgressLine(IAnsiConsole console, string what, long total = 0)
    {
        _console = console;
        _what = DisplayText.Safe(what);
        _total = total;
        if (IsShownOn(console))
        {
            _timer = new Timer(_ => Draw(), null, Delay, Interval);
        }
    }

    public static bool IsShownOn(IAnsiConsole console) => console.Profile.Capabilities.Ansi;

    /// <summary>The text of the line.</summary>
    public static string Text(string what, long done, long total, TimeSpan elapsed)
    {
        if (done <= 0 || total <= 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{what}: {elapsed.TotalSeconds:F1} s");
        }

        double share = Math.Min(1, (double)done / total);
        int filled = (int)(share * BarWidth);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what} [{new string('#', filled)}{new string('-', BarWidth - filled)}] {100 * share:F0} % of {DisplayText.Bytes(total)}");
    }

    /// <summary>Reports the number of bytes processed so far.</summary>
    public void Report(long done) => Volatile.Write(ref _done, done);

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            if (_shown)
            {
                Rewrite("");
                _shown = false;
            }
        }

        _timer?.Dispose();
    }

    private void Draw()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _shown = true;
                Rewrite(Text(_what, Volatile.Read(ref _done), _total, Stopwatch.GetElapsedTime(_start)));
            }
        }
    }

    private void Rewrite(string text)
    {
        const string StartOfLine = "\r";
        const string EraseToEndOfLine = "\e[K";
        string fitting = text.Length < _console.Profile.Width ? text : text[..Math.Max(0, _console.Profile.Width - 1)];
        TextWriter writer = _console.Profile.Out.Writer;
        writer.Write(StartOfLine + fitting + EraseToEndOfLine);
        writer.Flush();
    }
}
