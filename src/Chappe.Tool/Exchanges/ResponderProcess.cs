using System.Diagnostics;
using System.Text;

namespace Chappe.Tool;

/// <summary>A second process of this program, as a responder. It never outlives this process: it ends when its standard input closes.</summary>
internal sealed class ResponderProcess(IEnumerable<string> arguments) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Process _process = new() { StartInfo = Describe(arguments) };
    private readonly StringBuilder _errors = new();
    private bool _started;

    public int Id => _process.Id;

    /// <summary>Starts it.</summary>
    /// <param name="ended">Called when the process has ended.</param>
    public void Start(Action ended)
    {
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        _process.Start();
        _started = true;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _ = WatchAsync(ended);
    }

    /// <summary>Ends the process, waits for its exit and returns what it wrote to standard error.</summary>
    public async Task<string> EndAsync()
    {
        if (!_started)
        {
            return "";
        }

        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        lock (_errors)
        {
            return _errors.ToString().Trim();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _process.Dispose();
    }

    private async Task WatchAsync(Action ended)
    {
        try
        {
            await _process.WaitForExitAsync();
            ended();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ObjectDisposedException)
        {
            // Disposed while waiting: it ended as intended.
        }
    }

    private static ProcessStartInfo Describe(IEnumerable<string> arguments)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "chappe.dll"));
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }
}
