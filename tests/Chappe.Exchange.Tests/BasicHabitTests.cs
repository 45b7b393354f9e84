using System.Buffers;
using Chappe.Exchange.Peer;

namespace Chappe.Exchange.Tests;

/// <summary>What programs of the basic level do besides the plain exchange: restart, die, lie, take their time.</summary>
public sealed class BasicHabitTests : ExchangeTest
{
    private static readonly byte[] Apple = MadeUp.Bytes(300_000, seed: 1);

    public BasicHabitTests() => Directory.Write("apple.jpg", Apple);

    [Fact]
    public async Task A_responder_serves_one_basic_requester_after_another()
    {
        ChappePeer responder = await StartWaitingResponderAsync();
        for (int i = 0; i < 3; i++)
        {
            await AssertGetsAppleAsync(StartBasic("server", "apple", "apple"), times: 2);
        }

        for (int i = 0; i < 6; i++)
        {
            await responder.WaitForLineAsync("served\tapple\tOk");
        }
    }

    [Fact]
    public async Task A_responder_sees_that_a_basic_requester_made_new_segments_and_found_the_same_semaphores()
    {
        await StartWaitingResponderAsync();
        for (int i = 0; i < 3; i++)
        {
            await AssertGetsAppleAsync(StartBasic("server", "--unlink-on-exit", "no", "apple"), times: 1);
            foreach (string segment in Names.Where(name => name.StartsWith("SEG_", StringComparison.Ordinal)))
            {
                File.Delete(Path.Combine("/dev/shm", segment));
            }
        }

        RemoveNames();
    }

    [Fact]
    public async Task A_responder_goes_from_a_basic_requester_to_one_of_ours_and_back()
    {
        ChappePeer responder = await StartWaitingResponderAsync();
        for (int i = 0; i < 2; i++)
        {
            await AssertGetsAppleAsync(StartBasic("server", "apple"), times: 1);
            await responder.WaitForLineAsync("served\tapple\tOk");
            await responder.WaitForLineAsync("WaitingForRequester");

            using Requester requester = Requester.Create(Channel);
            AssertGetsApple(requester, ExchangeLevel.Extended);
            requester.Dispose();
            await responder.WaitForLineAsync("WaitingForRequester");
        }
    }

    [Fact]
    public async Task A_basic_requester_that_never_makes_DATA_shorter_gets_the_same_bytes()
    {
        Directory.Write("small.txt", [1, 2, 3]);
        ChappePeer responder = await StartWaitingResponderAsync();
        BasicPeer requester = StartBasic("server", "--truncate-data-to-message", "no", "apple", "small", "apple");
        await AssertGetsAsync(requester, "apple", Apple);
        await AssertGetsAsync(requester, "small", [1, 2, 3]);
        await AssertGetsAsync(requester, "apple", Apple);
        await responder.WaitForLineAsync("served\tapple\tOk");
        Assert.Equal(0, await requester.WaitForExitAsync());
    }

    [Fact]
    public void The_header_of_a_slow_basic_responder_is_not_taken_for_its_answer()
    {
        Requester requester = Own();
        StartBasic("client", "--slow-ms", "300", Directory.Path);
        AssertGetsApple(requester, ExchangeLevel.Basic);
        AssertGetsApple(requester, ExchangeLevel.Basic);
    }

    [Fact]
    public void A_header_whose_pixels_are_not_the_bytes_is_not_believed()
    {
        Directory.Write("lie.640x480x3.raw", [1, 2, 3]);
        Requester requester = Own();
        StartBasic("client", Directory.Path);
        AssertGetsApple(requester, ExchangeLevel.Basic);
        Assert.Throws<TimeoutException>(() => requester.Request("lie", new RequestOptions { Timeout = TimeSpan.FromMilliseconds(500) }));
    }

    [Theory]
    [InlineData("--die-after-header")]
    [InlineData("--die-before-post")]
    [InlineData("--die-on-missing")]
    public async Task After_a_basic_responder_that_died_with_a_request_Reset_goes_on(string death)
    {
        Requester requester = Own();
        BasicPeer responder = StartBasic("client", death, Directory.Path);
        await AskUntilItDiesAsync(requester, responder, death == "--die-on-missing" ? "plum" : "apple");

        // Nobody can tell that it is dead: it may still write.
        TimeoutException outstanding = Assert.Throws<TimeoutException>(() => requester.Request("apple", new RequestOptions { Timeout = TimeSpan.FromMilliseconds(200) }));
        Assert.Contains("Reset", outstanding.Message, StringComparison.Ordinal);
        requester.Reset();
        StartBasic("client", Directory.Path);
        AssertGetsApple(requester, ExchangeLevel.Basic);
    }

    [Fact]
    public async Task A_responder_of_ours_ends_the_wait_for_a_basic_one_that_died()
    {
        Requester requester = Own();
        BasicPeer responder = StartBasic("client", "--die-before-post", Directory.Path);
        await AskUntilItDiesAsync(requester, responder, "apple");
        await StartFileResponderAsync();
        AssertGetsApple(requester, ExchangeLevel.Extended);
    }

    private async Task<ChappePeer> StartWaitingResponderAsync()
    {
        ChappePeer responder = await StartPeerAsync();
        responder.Tell("serve", Channel, Directory.Path);
        await responder.WaitForLineAsync("WaitingForRequester");
        return responder;
    }

    private static async Task AskUntilItDiesAsync(Requester requester, BasicPeer responder, string name)
    {
        using var cancellation = new CancellationTokenSource();
        Task<Response> request = requester.RequestAsync(name, cancellation.Token).AsTask();
        Assert.Equal(1, await responder.WaitForExitAsync());
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

    private static async Task AssertGetsAppleAsync(BasicPeer requester, int times)
    {
        for (int i = 0; i < times; i++)
        {
            await AssertGetsAsync(requester, "apple", Apple);
        }

        Assert.Equal(0, await requester.WaitForExitAsync());
    }

    private static async Task AssertGetsAsync(BasicPeer requester, string name, byte[] expected) =>
        Assert.Equal($"{name} {expected.Length} 0 0 0 {MadeUp.Hash(new ReadOnlySequence<byte>(expected))}", await requester.ReadLineAsync());

    private static void AssertGetsApple(Requester requester, ExchangeLevel level)
    {
        using Response response = requester.Request("apple");
        Assert.Equal(level, response.Level);
        Assert.Equal(Apple, response.Span);
    }
}
