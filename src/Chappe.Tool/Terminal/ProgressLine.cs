using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary>A line on the terminal about what takes longer than half a second: a bar where it is known how far it is, else the time that has passed.</summary>
internal sealed class ProgressLine : IDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
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

    /// <summary>Begins to measure.</summary>
    /// <param name="console">Nothing is shown on what is no terminal.</param>
    /// <param name="what">What is being done; it is made fit to be shown.</param>
    /// <param name="total">How many bytes there are to do, 0 where nothing will be reported.</param>
    public ProgressLine(IAnsiConsole console, string what, long total = 0)
    {
        _console = console;
        _what = DisplayText.Safe(what);
        _total = total;
        if (IsShownOn(console))
        {
            _timer = new Timer(_ => Draw(), null, Patience, Interval);
        }
    }

    public static bool IsShownOn(IAnsiConsole console) => console.Profile.Capabilities.Ansi;

    /// <summary>What the line says.</summary>
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

    /// <summary>Says how many bytes are done.</summary>
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
