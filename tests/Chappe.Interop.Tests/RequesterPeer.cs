using Chappe.FaultPeer;

namespace Chappe.Interop.Tests;

/// <summary>A requester that reads from its standard input what to ask for.</summary>
internal sealed class RequesterPeer(string[] command, params (string Variable, string? Value)[] environment) : PeerProcess(command, environment)
{
    /// <summary>Asks, and gives the line that tells of the outcome.</summary>
    public Task<string> AskAsync(string name)
    {
        Tell(name);
        return OutcomeAsync();
    }

    public Task<string> OutcomeAsync() => HearAsync("answer", "failed", "error");

    /// <summary>Asks for something whose bytes are known, all of which have to be right.</summary>
    public async Task AskRightAsync(string name) => AssertRight(name, await AskAsync(name));

    public async Task ExchangeHundredAsync()
    {
        foreach (string name in Folder.Hundred)
        {
            await AskRightAsync(name);
        }
    }

    public async Task CloseAsync()
    {
        EndInput();
        await HearAsync("closed");
        await EndAsync();
    }

    public static void AssertRight(string name, string outcome)
    {
        byte[] payload = Payload.Of(name);
        string[] words = outcome.Split(' ');
        Assert.True(words[0] == "answer" && words.Length == 10 && words[9] == name, $"An answer to '{name}' was to come, not: {outcome}");
        Assert.Equal($"{payload.Length} 0 0 0 {Payload.HashOf(payload):x16}", string.Join(' ', words[3..8]));
    }
}
