using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>Nothing of a request that was given up leads anybody to the next one's HEAD and DATA.</summary>
public sealed class WithdrawalTests
{
    [Fact]
    public async Task A_request_that_was_taken_without_its_post_takes_that_along_when_it_is_withdrawn()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.FaultyAsync(nameof(Step.NameRead), "stop");
        requester.Tell("ask taken-5000 timeout=5000");
        using NamedSemaphore requests = NamedSemaphore.OpenExisting(new ChannelName(scene.Channel).RequestSemaphore);
        await Scene.UntilAsync(() => requests.CurrentCount == 1);

        // A responder that attaches looks at the ticket before it waits.
        responder.Tell($"responder {scene.Channel}");
        await responder.HearAsync("stops");
        Assert.Equal(1, requests.CurrentCount);
        await requester.HearAsync("error TimeoutException");
        Assert.Equal(0, requests.CurrentCount);
        responder.Kill();
        PeerProcess next = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }

    [Fact]
    public async Task A_request_that_is_handed_back_after_its_deadline_leaves_its_home_to_the_basic_responder_that_has_it()
    {
        using var scene = new Scene();
        var channel = new ChannelName(scene.Channel);
        PeerProcess requester = await scene.RequesterAsync();
        using ControlSegment control = scene.OpenControl();
        using NamedSemaphore requests = NamedSemaphore.OpenExisting(channel.RequestSemaphore);
        using NamedSemaphore responses = NamedSemaphore.OpenExisting(channel.ResponseSemaphore);
        using SharedMemory header = SharedMemory.OpenExisting(channel.HeaderSegment);
        await Scene.ArmAsync(requester, nameof(Step.AnswerPostTaken), "stop");
        requester.Tell("ask wanted-98765 timeout=3000");

        // This test is the basic responder: it takes the post and begins to write a header.
        await Scene.UntilAsync(requests.TryWait);
        header.Write(sizeof(ulong), BitConverter.GetBytes(640UL));
        responses.Release();
        await requester.HearAsync("stops");
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.UntilAsync(() => control.Page.Done == control.Page.Ticket);
        ulong generation = control.Page.Generation;
        await Task.Delay(3000, TestContext.Current.CancellationToken);
        requester.GoOn();
        await requester.HearAsync("error TimeoutException");
        Assert.Equal(generation + 1, control.Page.Generation);

        // The rest of a late answer.
        header.Write(0, BitConverter.GetBytes(921_600UL));
        responses.Release();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Fact]
    public async Task A_response_whose_withdrawal_fails_is_released_all_the_same()
    {
        using var scene = new Scene();
        Requester requester = StreamedReading.Own(scene);
        PeerProcess responder = await scene.ResponderAsync(StreamedReading.Pausing);
        Response response = requester.Request(StreamedReading.Name, StreamedReading.Streamed, TestContext.Current.CancellationToken);
        await responder.HearAsync("pauses");
        FaultHook.Reached = step => Assert.NotEqual(Step.WithdrawTicketCleared, step);
        Assert.ThrowsAny<Exception>(response.Dispose);
        FaultHook.Reached = null;

        // The responder still has the request in hand, so the next one waits for it.
        Task<Response> waiting = requester.RequestAsync("wanted-777", TestContext.Current.CancellationToken).AsTask();
        await responder.AskAsync("go", "given-up");
        using (Response next = await waiting.WaitAsync(Scene.BoundWithStart, TestContext.Current.CancellationToken))
        {
            StreamedReading.AssertRight(next, "wanted-777");
        }

        requester.Dispose();
        Assert.Empty(Use.Of(scene.Channel));
        await responder.AskAsync("close", "closed");
        scene.AssertNothingIsLeft();
    }
}
