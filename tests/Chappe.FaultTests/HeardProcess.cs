using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Chappe.FaultTests;

/// <summary>A real process: told what to do line by line, and heard line by line. At the end it is gone.</summary>
internal partial class HeardProcess : IDisposable
{
    public const int Terminate = 15;
    public const int Stop = 19;

    private const int Continue = 18;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly List<string> _heard = [];
    private bool _isDisposed;

    protected HeardProcess(string[] command, params (string Variable, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What a killed peer would have to say is in its lines; a dump of each would fill the disk.
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach ((string variable, string? value) in environment.Where(pair => pair.Value is not null))
        {
            start.Environment[variable] = value;
        }

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
                return string.Join('\n', _heard);
            }
        }
    }

    protected ChannelReader<string> Lines => _lines.Reader;

    public void Tell(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>
    /// Tells it to ask, again after each answer, until it reaches the step that it dies or stops at. A request need not pass every step: a look without a
    /// post may find the answer, and then no post is taken.
    /// </summary>
    public async Task TellUntilItStrikesAsync(string line)
    {
        using var patience = new CancellationTokenSource(Patience);
        do
        {
            Tell(line);
            await Lines.WaitToReadAsync(patience.Token);
        }
        while (Lines.TryPeek(out string? heard) && heard.StartsWith("answer ", StringComparison.Ordinal) && Lines.TryRead(out _));
    }

    public void EndInput() => _process.StandardInput.Close();

    /// <summary>The next line that is wanted.</summary>
    /// <param name="what">What is wanted, in words.</param>
    /// <param name="isWanted">Whether this line is it.</param>
    /// <param name="passOver">Says of every other line what it thinks of it.</param>
    protected async Task<string> HearAsync(string what, Func<string, bool> isWanted, Action<string> passOver)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                string line = await Lines.ReadAsync(patience.Token);
                if (isWanted(line))
                {
                    return line;
                }

                passOver(line);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"It did not say '{what}' within {Patience.TotalSeconds} s. It said:\n{Heard}");
        }
        catch (ChannelClosedException)
        {
            Assert.Fail($"It ended without saying '{what}'. It said:\n{Heard}");
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

    /// <summary>Waits until the kernel says that it is stopped: a signal to go on would be lost before that.</summary>
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

    public void GoOn() => Signal(Continue);

    public void Signal(int signal) => Assert.Equal(0, SendSignal(Id, signal));

    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            try
            {
                Kill();
            }
            catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
            {
                // It has ended.
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
