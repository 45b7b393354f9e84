using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>Stray posts by the hundred thousand, and late answers. The stop tests cover one stray post at each step.</summary>
public sealed class StrayPostTests
{
    private const int Flood = 100_000;

    [Fact]
    public async Task A_flood_of_posts_ends_a_requesters_wait_with_an_error_and_the_channel_goes_on()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync("verbose=1 slow=3000");
        requester.Tell("ask wanted-98765");
        await responder.HearAsync("in-hand");
        Post(new ChannelName(scene.Channel).ResponseSemaphore);
        await requester.HearAsync("error ProtocolException");
        responder.Kill();
        PeerProcess next = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }

    [Fact]
    public async Task A_flood_of_posts_ends_a_responders_wait_with_an_error_and_the_channel_goes_on()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        Post(new ChannelName(scene.Channel).RequestSemaphore);
        await responder.HearAsync("error ProtocolException");
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [InlineData("timeout=100", "error TimeoutException")]
    [InlineData("cancel=100", "error OperationCanceledException")]
    public async Task A_late_answer_goes_to_nobody_and_the_next_request_waits_for_it(string giveUp, string error)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync("slow=250");
        for (int i = 0; i < 5; i++)
        {
            await requester.AskAsync($"ask late{i}-{90_000 + i} {giveUp}", error);
            await Scene.ExchangeOneAsync(requester, $"after{i}-6000");
        }

        await responder.AskAsync("close", "closed");
        PeerProcess next = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }

    [Fact]
    public async Task A_responder_that_never_answers_is_left_behind_by_a_reset()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.FaultyAsync(nameof(Step.NameRead), "stop");
        responder.Tell($"responder {scene.Channel}");
        await requester.AskAsync("ask never-5000 timeout=1000", "error TimeoutException");
        await responder.HearAsync("stops");
        await requester.AskAsync("ask after-5000 timeout=300", "error TimeoutException");
        await requester.AskAsync("reset", "reset");
        responder.GoOn();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    private static void Post(string semaphore)
    {
        using NamedSemaphore opened = NamedSemaphore.OpenExisting(semaphore);
        opened.Release(Flood);
    }
}
