using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Chappe.Tool.Tests;

/// <summary>The built program, run as a user would run it.</summary>
internal sealed partial class ChappeProcess : IDisposable
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly SemaphoreSlim _errorsGrew = new(0);
    private readonly SemaphoreSlim _outputGrew = new(0);

    private ChappeProcess(string program, string workingDirectory, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) =>
        {
            Append(_output, line.Data);
            _outputGrew.Release();
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            Append(_errors, line.Data);
            _errorsGrew.Release();
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output => Read(_output);

    public string Errors => Read(_errors);

    /// <summary>The objects that were written to standard output under --json; anything else there fails the test.</summary>
    public IReadOnlyList<JsonElement> Exchanges =>
        [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    /// <summary>What it printed, for a failure message.</summary>
    private string Said => $"Its output:\n{Excerpt.Of(Output)}\nIts errors:\n{Excerpt.Of(Errors)}";

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "chappe");

    public static ChappeProcess Start(string workingDirectory, params IEnumerable<string> arguments) => new(Program, workingDirectory, arguments);

    /// <summary>Starts it by another program, which replaces itself by the one that its last arguments name.</summary>
    public static ChappeProcess StartThrough(IReadOnlyList<string> wrapper, string workingDirectory, params IEnumerable<string> arguments) =>
        new(wrapper[0], workingDirectory, [.. wrapper.Skip(1), Program, .. arguments]);

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string workingDirectory, params IEnumerable<string> arguments)
    {
        using ChappeProcess process = Start(workingDirectory, arguments);
        return await process.ToItsEndAsync();
    }

    /// <summary>Runs it to its end by another program.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunThroughAsync(
        IReadOnlyList<string> wrapper, string workingDirectory, params IEnumerable<string> arguments)
    {
        using ChappeProcess process = StartThrough(wrapper, workingDirectory, arguments);
        return await process.ToItsEndAsync();
    }

    public async Task<int> WaitForExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Still running after {Patience.TotalSeconds} s. {Said}");
        }

        return _process.ExitCode;
    }

    /// <summary>Waits until it has said this on standard error.</summary>
    public Task WaitForErrorsAsync(string text) => WaitForAsync(text, () => Errors, _errorsGrew);

    /// <summary>Waits until it has said this on standard output.</summary>
    public Task WaitForOutputAsync(string text) => WaitForAsync(text, () => Output, _outputGrew);

    public void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        _errorsGrew.Dispose();
        _outputGrew.Dispose();
    }

    private async Task WaitForAsync(string text, Func<string> said, SemaphoreSlim grew)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (!said().Contains(text, StringComparison.Ordinal))
            {
                Assert.False(_process.HasExited && grew.CurrentCount == 0, $"It ended without saying '{text}'. {Said}");
                await grew.WaitAsync(TimeSpan.FromSeconds(1), patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"It did not say '{text}'. {Said}");
        }
    }

    private async Task<(int ExitCode, string Output, string Errors)> ToItsEndAsync()
    {
        int exitCode = await WaitForExitAsync();
        return (exitCode, Output, Errors);
    }

    private static void Append(StringBuilder builder, string? line)
    {
        if (line is not null)
        {
            lock (builder)
            {
                builder.Append(line).Append('\n');
            }
        }
    }

    private static string Read(StringBuilder builder)
    {
        lock (builder)
        {
            return builder.ToString();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
