using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Chappe.FaultTests;

/// <summary>A peer as a real process: told what to do line by line, and heard line by line.</summary>
internal sealed partial class PeerProcess : IDisposable
{
    public const int Stop = 19;

    private const int Continue = 18;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _heard = [];
    private bool _isDisposed;

    public PeerProcess(string file, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What a killed peer would have to say is in its lines; a dump of each would fill the disk.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.Start();
        Id = _process.Id;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id { get; }

    public string Heard
    {
        get
        {
            lock (_heard)
            {
                return string.Join(" | ", _heard);
            }
        }
    }

    public void Tell(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>The next line that begins with a word; lines that tell of a change of state in between are passed over, others are a failure.</summary>
    public async Task<string> HearAsync(string word)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                string line = await _lines.Reader.ReadAsync(patience.Token);
                if (line.StartsWith(word, StringComparison.Ordinal))
                {
                    return line;
                }

                Assert.True(line.StartsWith("state ", StringComparison.Ordinal) || line is "continues" or "ready", $"'{word}' was to come. It said: {Heard}");
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"It did not say '{word}' within {Patience.TotalSeconds} s. It said: {Heard}");
        }
        catch (ChannelClosedException)
        {
            Assert.Fail($"It ended without saying '{word}'. It said: {Heard}");
        }

        return "";
    }

    /// <summary>The next line, whatever it is, but for what a peer says as it starts.</summary>
    public async Task<string> HearAnyAsync()
    {
        string line = await HearAsync("");
        return line == "ready" ? await HearAsync("") : line;
    }

    /// <summary>The next line that begins with a word, whatever errors the peer reports before.</summary>
    public async Task<string> HearPastErrorsAsync(string word)
    {
        while (true)
        {
            string line = await HearAnyAsync();
            if (line.StartsWith(word, StringComparison.Ordinal))
            {
                return line;
            }

            Assert.True(line.StartsWith("error ProtocolException", StringComparison.Ordinal) || line.StartsWith("state ", StringComparison.Ordinal), Heard);
        }
    }

    public Task<string> AskAsync(string line, string word)
    {
        Tell(line);
        return HearAsync(word);
    }

    /// <summary>Whether it has said nothing more than what was heard, but for states.</summary>
    public bool IsSilent
    {
        get
        {
            while (_lines.Reader.TryPeek(out string? line))
            {
                if (!line.StartsWith("state ", StringComparison.Ordinal))
                {
                    return false;
                }

                _lines.Reader.TryRead(out _);
            }

            return true;
        }
    }

    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Still running after {Patience.TotalSeconds} s. It said: {Heard}");
        }

        return _process.ExitCode;
    }

    /// <summary>Lets it end in good order.</summary>
    public Task<int> LeaveAsync()
    {
        _process.StandardInput.Close();
        return EndAsync();
    }

    /// <summary>Hears that it dies at a step, waits until it has, and gives the moment on the monotonic clock.</summary>
    public async Task<long> DeathAsync()
    {
        string line = await HearAsync("dies ");
        await EndAsync();
        return Moment(line, 2);
    }

    /// <summary>Waits until the kernel says that it is stopped.</summary>
    public async Task StoppedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!(await File.ReadAllTextAsync($"/proc/{Id}/stat", patience.Token)).Contains(") T ", StringComparison.Ordinal))
        {
            await Task.Delay(5, patience.Token);
        }
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

    public void GoOn() => Signal(Continue);

    /// <summary>The moment, in nanoseconds of the monotonic clock, that stands in a line.</summary>
    public static long Moment(string line, int word) => long.Parse(line.Split(' ')[word], CultureInfo.InvariantCulture);

    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            if (!_process.HasExited)
            {
                Kill();
            }

            _process.Dispose();
        }
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            _lines.Writer.Complete();
            return;
        }

        Note(line);
        _lines.Writer.TryWrite(line);
    }

    private void Note(string? line)
    {
        if (line is not null)
        {
            lock (_heard)
            {
                _heard.Add(line);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
