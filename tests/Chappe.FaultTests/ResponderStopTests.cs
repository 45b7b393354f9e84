using Chappe.Exchange;

namespace Chappe.FaultTests;

public sealed class ResponderStopTests : StopTests
{
    public static TheoryData<string, bool> Attaching => QuietlyAndWithPosts(Steps.Attaching);

    public static TheoryData<string, bool> BeforeAnswering => QuietlyAndWithPosts(Steps.BeforeTaking, Steps.Taken);

    public static TheoryData<string, bool> Answered => QuietlyAndWithPosts(Steps.Done);

    [Theory]
    [MemberData(nameof(Attaching))]
    public async Task A_responder_that_is_stopped_while_it_attaches_keeps_its_place(string step, bool posts)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        requester.Tell("ask early-4321");
        PeerProcess responder = await scene.FaultyAsync(step, "stop");
        responder.Tell($"responder {scene.Channel}");
        await responder.HearAsync("stops");
        PeerProcess standBy = await scene.StandByAsync();
        await GoOnAsync(scene, responder, requester, standBy, posts);
        await EndAsync(scene, requester, responder, standBy);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_responder_that_is_stopped_while_it_follows_its_requester_keeps_its_place(bool posts)
    {
        using var scene = new Scene();
        (PeerProcess requester, PeerProcess responder, PeerProcess standBy) = await StartAsync(scene);
        await Scene.ArmAsync(responder, nameof(Step.FollowOpened), "stop");
        await requester.AskAsync("reset", "reset");
        requester.Tell("ask moved-70000");
        await responder.HearAsync("stops");
        await GoOnAsync(scene, responder, requester, standBy, posts);
        await EndAsync(scene, requester, responder, standBy);
    }

    [Theory]
    [MemberData(nameof(BeforeAnswering))]
    public async Task A_request_in_the_hands_of_a_responder_that_is_stopped_is_not_sent_again(string step, bool posts)
    {
        using var scene = new Scene();
        (PeerProcess requester, PeerProcess responder, PeerProcess standBy) = await StartAsync(scene);
        await Scene.ArmAsync(responder, step, "stop");
        requester.Tell("ask wanted-98765");
        await responder.HearAsync("stops");
        await GoOnAsync(scene, responder, requester, standBy, posts);
        await EndAsync(scene, requester, responder, standBy);
    }

    [Theory]
    [MemberData(nameof(Answered))]
    public async Task An_answer_of_a_responder_that_is_stopped_after_it_is_delivered_without_waiting_for_it(string step, bool posts)
    {
        using var scene = new Scene();
        (PeerProcess requester, PeerProcess responder, PeerProcess standBy) = await StartAsync(scene);
        await Scene.ArmAsync(responder, step, "stop");
        requester.Tell("ask wanted-98765");
        long stop = PeerProcess.Moment(await responder.HearAsync("stops"), 2);
        string answer = await requester.HearAsync("answer right");
        Scene.AssertLearned(stop, PeerProcess.Moment(answer, 2), $"the answer of a responder stopped at {step}");
        await HoldAsync(scene, responder, posts);
        Assert.True(standBy.IsSilent, standBy.Heard);
        responder.GoOn();
        await EndAsync(scene, requester, responder, standBy);
    }

    private static async Task<(PeerProcess Requester, PeerProcess Responder, PeerProcess StandBy)> StartAsync(Scene scene)
    {
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeOneAsync(requester);
        return (requester, responder, await scene.StandByAsync());
    }

    private static async Task GoOnAsync(Scene scene, PeerProcess responder, PeerProcess requester, PeerProcess standBy, bool posts)
    {
        // Also where the responder was stopped by its own look around, before the requester came to write its ticket.
        await responder.StoppedAsync();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        ulong ticket = TicketOf(scene);
        await HoldAsync(scene, responder, posts);
        Assert.True(requester.IsSilent, requester.Heard);
        Assert.DoesNotContain("state Attached", standBy.Heard, StringComparison.Ordinal);
        Assert.Equal(ticket, TicketOf(scene));
        responder.GoOn();
        await requester.HearAsync("answer right");
        Assert.Equal(ticket, TicketOf(scene));
    }

    private static async Task EndAsync(Scene scene, PeerProcess requester, PeerProcess responder, PeerProcess standBy)
    {
        await Scene.ExchangeHundredAsync(requester);
        Assert.DoesNotContain("state Attached", standBy.Heard, StringComparison.Ordinal);
        await scene.EndAsync(requester, responder, standBy);
    }
}
