namespace Chappe.Interop.Tests;

/// <summary>A responder that answers until it is told to end.</summary>
internal sealed class ResponderPeer(string[] command, params (string Variable, string? Value)[] environment) : PeerProcess(command, environment)
{
    public Task AttachedAsync() => HearAsync("attached");

    public async Task CloseAsync()
    {
        SignalToEnd();
        Assert.Equal(0, await EndAsync());
    }
}
