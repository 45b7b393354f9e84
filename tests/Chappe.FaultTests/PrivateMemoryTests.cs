namespace Chappe.FaultTests;

/// <summary>A side that does not trust the other, and has no memory of its own for a payload.</summary>
public sealed class PrivateMemoryTests
{
    [Fact]
    public async Task A_responder_without_memory_for_its_copy_sends_nothing_that_was_not_written_there()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync("untrusted=1 starved=1");
        requester.Tell("ask wanted-777");
        string refusal = await responder.HearAsync("error");
        Assert.StartsWith("error ArgumentException", await responder.HearAnyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("error InsufficientMemoryException", refusal, StringComparison.Ordinal);
        Assert.Contains("67,108,864 bytes", refusal, StringComparison.Ordinal);
        Assert.Contains(refusal.Split(' ', 4)[3], await requester.HearAsync("error RequestFailedException"), StringComparison.Ordinal);
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }
}
