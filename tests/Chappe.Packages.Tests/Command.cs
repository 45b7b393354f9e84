using System.Diagnostics;

namespace Chappe.Packages.Tests;

/// <summary>A program that runs to its end.</summary>
internal static class Command
{
    /// <summary>Much longer than anything takes on a machine with too much to do; a test that comes to it has failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>The runtime that these tests run on, for programs that look for one.</summary>
    private static readonly string DotnetRoot = Path.GetFullPath(Path.Combine(typeof(object).Assembly.Location, "../../../.."));

    /// <summary>Skips the test on a machine that lacks what it needs; in CI its absence is a failure.</summary>
    internal static void SkipWithout(string program, params IEnumerable<string> files)
    {
        string[] path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        bool isThere = path.Any(directory => File.Exists(Path.Combine(directory, program))) && files.All(File.Exists);
        Assert.SkipUnless(isThere || Environment.GetEnvironmentVariable("CI") == "true", $"There is no {string.Join(", ", [program, .. files])}.");
    }

    internal static async Task<(int ExitCode, string Output)> TryRunAsync(string directory, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_ROOT"] = DotnetRoot;
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";

        // A build server that outlives the test would hold its output open. The build that these tests may be part of says nothing to the builds in them.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end. It said: {await output}");
        }

        return (process.ExitCode, await output + await errors);
    }

    internal static async Task<string> RunAsync(string directory, string program, params IEnumerable<string> arguments)
    {
        (int exitCode, string output) = await TryRunAsync(directory, program, arguments);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {exitCode}:\n{output}");
        return output;
    }
}
