using Chappe.Exchange.Peer;

namespace Chappe.Exchange.Tests;

/// <summary>Semaphores are doorbells: a post without news means nothing, and a flood of them is an error.</summary>
public sealed class StrayPostTests : ExchangeTest
{
    /// <summary>More than anybody puts up with.</summary>
    private const string Flood = "100000";

    [Theory]
    [InlineData("req")]
    [InlineData("res")]
    public async Task A_stray_post_between_two_exchanges_means_nothing(string semaphore)
    {
        Requester requester = Own();
        ChappePeer responder = await StartResponderAsync();
        for (int i = 0; i < 5; i++)
        {
            await PostAsync(semaphore, "3");
            AssertAsks(requester, i);
            Assert.Equal($"served\tbytes 1000 {i}\tOk", await responder.ReadLineAsync());
        }
    }

    [Theory]
    [InlineData("req")]
    [InlineData("res")]
    public async Task A_stray_post_during_an_exchange_means_nothing(string semaphore)
    {
        Requester requester = Own();
        ChappePeer responder = await StartResponderAsync();
        ValueTask<Response> held = requester.RequestAsync("hold 1000 1");
        await responder.WaitForLineAsync("holding");
        await PostAsync(semaphore, "3");
        responder.Tell("go");
        using (Response response = await held)
        {
            Assert.Equal(MadeUp.Bytes(1000, 1), response.Span);
        }

        AssertAsks(requester, 2);
        Assert.Equal("served\thold 1000 1\tOk", await responder.ReadLineAsync());
        Assert.Equal("served\tbytes 1000 2\tOk", await responder.ReadLineAsync());
    }

    [Fact]
    public async Task A_flood_of_posts_ends_a_request_and_not_the_channel()
    {
        Requester requester = Own();
        ChappePeer responder = await StartResponderAsync();
        Task<Response> held = requester.RequestAsync("hold 1000 1").AsTask();
        await responder.WaitForLineAsync("holding");
        await PostAsync("res", Flood);
        Assert.Contains("without a request or an answer", (await Assert.ThrowsAsync<ProtocolException>(() => held)).Message, StringComparison.Ordinal);
        responder.Tell("go");
        AssertAsks(requester, 2);
    }

    [Theory]
    [InlineData("req")]
    [InlineData("res")]
    public async Task A_flood_of_posts_before_a_request_is_an_error_and_the_next_works(string semaphore)
    {
        Requester requester = Own();
        await PostAsync(semaphore, Flood);
        Assert.Throws<ProtocolException>(() => requester.Request("bytes 1000 1"));
        Task<Response> next = requester.RequestAsync("bytes 1000 2").AsTask();
        await StartResponderAsync();
        using Response response = await next;
        Assert.Equal(MadeUp.Bytes(1000, 2), response.Span);
    }

    [Fact]
    public async Task A_flood_of_posts_ends_a_receive_and_the_next_gets_the_request()
    {
        ChappePeer requester = await StartRequesterAsync();
        Responder responder = Keep(await Responder.OpenAsync(Channel));
        Task<Request> receiving = responder.ReceiveAsync().AsTask();
        await PostAsync("req", Flood);
        await Assert.ThrowsAsync<ProtocolException>(() => receiving);
        requester.Tell("ask", "first");
        Request request = await responder.ReceiveAsync();
        request.Complete(default);
        Assert.StartsWith("first\t0\t", await requester.ReadLineAsync(), StringComparison.Ordinal);
    }

    private async Task PostAsync(string semaphore, string count) => Assert.Equal(0, await StartBasic("post", semaphore, count).WaitForExitAsync());

    private static void AssertAsks(Requester requester, int seed)
    {
        using Response response = requester.Request($"bytes 1000 {seed}");
        Assert.Equal(MadeUp.Bytes(1000, seed), response.Span);
    }
}
