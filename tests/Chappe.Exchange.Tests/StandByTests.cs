using Chappe.Exchange.Peer;

namespace Chappe.Exchange.Tests;

/// <summary>Of several responders one serves, and the next takes over when it is gone.</summary>
public sealed class StandByTests : ExchangeTest
{
    [Fact]
    public async Task A_second_responder_stands_by_and_takes_over_when_the_first_is_killed()
    {
        Requester requester = Own();
        (ChappePeer first, ChappePeer second) = await StartBothAsync();
        AssertAsks(requester, 1);
        await first.KillAsync();
        await second.WaitForLineAsync("Attached");
        AssertAsks(requester, 2);
        Assert.Equal("served\tbytes 1000 2\tOk", await second.ReadLineAsync());
    }

    [Fact]
    public async Task A_second_responder_takes_over_when_the_first_ends()
    {
        Requester requester = Own();
        (ChappePeer first, ChappePeer second) = await StartBothAsync();
        await first.EndAsync();
        await second.WaitForLineAsync("Attached");
        AssertAsks(requester, 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_in_the_hand_of_a_responder_that_is_killed_goes_to_the_next_once(bool synchronously)
    {
        Requester requester = Own();
        (ChappePeer first, ChappePeer second) = await StartBothAsync();
        Task<Response> request = synchronously ? Task.Run(() => requester.Request("hold 1000 1")) : requester.RequestAsync("hold 1000 1").AsTask();
        await first.WaitForLineAsync("holding");
        await first.KillAsync();
        await second.WaitForLineAsync("holding");
        second.Tell("go");
        using (Response response = await request)
        {
            Assert.Equal(MadeUp.Bytes(1000, 1), response.Span);
        }

        AssertAsks(requester, 2);
        Assert.Equal("served\thold 1000 1\tOk", await second.ReadLineAsync());
        Assert.Equal("served\tbytes 1000 2\tOk", await second.ReadLineAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_does_not_want_the_next_responder_is_told_that_the_first_was_lost(bool synchronously)
    {
        Requester requester = Own();
        ChappePeer responder = await StartResponderAsync();
        var options = new RequestOptions { FailWhenPeerIsLost = true };
        Task<Response> request = synchronously ? Task.Run(() => requester.Request("hold 1000 1", options)) : requester.RequestAsync("hold 1000 1", options).AsTask();
        await responder.WaitForLineAsync("holding");
        await responder.KillAsync();

        // Without it the request would wait for a responder for a minute.
        PeerLostException lost = await Assert.ThrowsAsync<PeerLostException>(() => request.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Contains($"process id {responder.Id}", lost.Message, StringComparison.Ordinal);
        Assert.False(requester.IsResponderAttached);

        await StartResponderAsync();
        AssertAsks(requester, 2);
    }

    [Fact]
    public async Task Responders_that_are_killed_again_and_again_lose_no_request()
    {
        Requester requester = Own();
        for (int i = 0; i < 3; i++)
        {
            ValueTask<Response> request = requester.RequestAsync($"hold 1000 {i}");
            ChappePeer doomed = await StartResponderAsync();
            await doomed.WaitForLineAsync("holding");
            await doomed.KillAsync();
            ChappePeer next = await StartResponderAsync();
            next.Tell("go");
            using (Response response = await request)
            {
                Assert.Equal(MadeUp.Bytes(1000, i), response.Span);
            }

            await next.KillAsync();
        }
    }

    [Fact]
    public async Task A_responder_that_stands_by_serves_the_requester_that_comes_after_a_killed_one()
    {
        ChappePeer requester = await StartRequesterAsync();
        (ChappePeer first, ChappePeer second) = await StartBothAsync();
        await requester.KillAsync();
        await first.KillAsync();
        await second.WaitForLineAsync("Attached");
        AssertAsks(Own(), 1);
        Assert.Equal("served\tbytes 1000 1\tOk", await second.ReadLineAsync());
    }

    [Fact]
    public async Task A_responder_of_ours_takes_over_from_a_basic_one_that_is_killed_with_a_request()
    {
        // The answer has replaced the name in DATA, and must not be read as a name.
        Directory.Write("a", [1]);
        Requester requester = Own();
        BasicPeer basic = StartBasic("client", "--die-before-post", Directory.Path);
        Task<Response> request = requester.RequestAsync("a").AsTask();
        Assert.Equal(1, await basic.WaitForExitAsync());
        await StartFileResponderAsync();
        using Response response = await request;
        Assert.Equal((byte[])[1], response.Span);
    }

    private async Task<(ChappePeer First, ChappePeer Second)> StartBothAsync()
    {
        ChappePeer first = await StartResponderAsync();
        ChappePeer second = await StartPeerAsync();
        second.Tell("make", Channel);
        await second.WaitForLineAsync("StandingBy");
        return (first, second);
    }

    private static void AssertAsks(Requester requester, int seed)
    {
        using Response response = requester.Request($"bytes 1000 {seed}");
        Assert.Equal(MadeUp.Bytes(1000, seed), response.Span);
    }
}
