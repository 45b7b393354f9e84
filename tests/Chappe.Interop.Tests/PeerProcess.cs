using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Chappe.Interop.Tests;

/// <summary>A peer as a real process, heard line by line.</summary>
internal partial class PeerProcess : IDisposable
{
    private const int Terminate = 15;
    private const int Continue = 18;

    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _heard = [];
    private bool _isDisposed;

    public PeerProcess(string[] command, params (string Variable, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach ((string variable, string? value) in environment)
        {
            if (value is not null)
            {
                start.Environment[variable] = value;
            }
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Heard
    {
        get
        {
            lock (_heard)
            {
                return string.Join('\n', _heard);
            }
        }
    }

    public void Tell(string line) => _process.StandardInput.WriteLine(line);

    public void EndInput() => _process.StandardInput.Close();

    /// <summary>The next line that begins with one of some words; others are passed over.</summary>
    public async Task<string> HearAsync(params string[] words)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                string line = await _lines.Reader.ReadAsync(patience.Token);
                if (words.Any(word => line.StartsWith(word, StringComparison.Ordinal)))
                {
                    return line;
                }
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"It did not say '{string.Join("' or '", words)}' within {Patience.TotalSeconds} s. It said:\n{Heard}");
        }
        catch (ChannelClosedException)
        {
            Assert.Fail($"It ended without saying '{string.Join("' or '", words)}'. It said:\n{Heard}");
        }

        return "";
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
            Assert.Fail($"Still running after {Patience.TotalSeconds} s. It said:\n{Heard}");
        }

        return _process.ExitCode;
    }

    /// <summary>Hears that it dies at its step, and waits until it has.</summary>
    public async Task DeathAsync()
    {
        await HearAsync("dies ");
        await EndAsync();
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Hears that it stops at its step, and waits until the kernel says that it has: a signal to go on would be lost before that.</summary>
    public async Task StopAsync()
    {
        await HearAsync("stops ");
        using var patience = new CancellationTokenSource(Patience);
        while (!(await File.ReadAllTextAsync($"/proc/{Id}/stat", patience.Token)).Contains(") T ", StringComparison.Ordinal))
        {
            await Task.Delay(5, patience.Token);
        }
    }

    public void GoOn() => Signal(Continue);

    public void SignalToEnd() => Signal(Terminate);

    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            try
            {
                _process.Kill();
                _process.WaitForExit();
            }
            catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
            {
                // It has ended.
            }

            _process.Dispose();
        }
    }

    private void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

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
