using System.Diagnostics;
using System.Threading.Channels;

namespace Chappe.Exchange.Tests;

/// <summary>The second process of a test. What it prints is what a test waits for.</summary>
internal class ChildProcess : IAsyncDisposable
{
    /// <summary>Much longer than anything takes on a machine with too much to do; a test that comes to it has failed.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _reading;
    private readonly Task<string> _errors;

    protected ChildProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _reading = ReadLinesAsync();
        _errors = _process.StandardError.ReadToEndAsync();
    }

    internal int Id => _process.Id;

    /// <summary>The next line that it prints.</summary>
    internal async Task<string> ReadLineAsync()
    {
        try
        {
            return await _lines.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        }
        catch (ChannelClosedException)
        {
            throw new InvalidOperationException($"The peer ended: {await _errors}");
        }
    }

    /// <summary>Waits until it prints this line; what it prints before is passed over.</summary>
    internal async Task WaitForLineAsync(string expected)
    {
        var passed = new List<string>();
        try
        {
            for (string line = ""; line != expected; passed.Add(line))
            {
                line = await ReadLineAsync();
            }
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException)
        {
            Assert.Fail($"The peer did not print '{expected}' but: {string.Join(" / ", passed)}. {exception.Message}");
        }
    }

    /// <summary>Waits for its own end.</summary>
    internal async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Ends it with SIGKILL: nothing of it runs any more.</summary>
    internal async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>Ends it in good order.</summary>
    internal async Task EndAsync()
    {
        EndInput();
        await WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_process.HasExited)
            {
                await EndAsync();
            }
        }
        catch (TimeoutException)
        {
            await KillAsync();
            throw new TimeoutException("The peer did not end when its input did.");
        }
        finally
        {
            await _reading;
            _process.Dispose();
        }
    }

    protected virtual void EndInput() => _process.StandardInput.Close();

    protected void Write(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    protected void Kill() => _process.Kill();

    private async Task ReadLinesAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }
}
