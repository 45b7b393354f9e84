using Chappe.FaultTests;

namespace Chappe.Interop.Tests;

/// <summary>A peer of any language as a real process.</summary>
internal class PeerProcess(string[] command, params (string Variable, string? Value)[] environment) : HeardProcess(command, environment)
{
    /// <summary>The next line that begins with one of some words; others are passed over.</summary>
    public Task<string> HearAsync(params string[] words) => HearAsync(
        string.Join("' or '", words),
        line => words.Any(word => line.StartsWith(word, StringComparison.Ordinal)),
        _ => { });

    /// <summary>Hears that it dies at its step, and waits until it has.</summary>
    public async Task DeathAsync()
    {
        await HearAsync("dies ");
        await EndAsync();
    }

    /// <summary>Hears that it stops at its step, and waits until it has.</summary>
    public async Task StopAsync()
    {
        await HearAsync("stops ");
        await StoppedAsync();
    }

    public void SignalToEnd() => Signal(Terminate);
}
