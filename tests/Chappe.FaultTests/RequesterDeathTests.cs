using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>A requester dies at a step, its extended responder lives: another requester takes the channel, and the responder goes on without restarting.</summary>
public sealed class RequesterDeathTests
{
    public static TheoryData<string> BirthAndHome => Steps.Of(Steps.Birth, Steps.Home);

    public static TheoryData<string> Adoption => Steps.Of(Steps.Adoption);

    public static TheoryData<string> ReHoming => Steps.Of(Steps.ReHoming, Steps.Home);

    public static TheoryData<string> Request => Steps.Of(Steps.Asking, Steps.BeingAnswered);

    public static TheoryData<string> Closing => Steps.Of(Steps.Closing);

    [Theory]
    [MemberData(nameof(BirthAndHome))]
    public async Task A_requester_that_dies_in_birth_leaves_a_channel_that_the_next_can_have(string step)
    {
        using var scene = new Scene();
        PeerProcess responder = scene.StartResponder();
        await responder.HearAsync("state WaitingForRequester");
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        victim.Tell($"requester {scene.Channel}");
        await ReplaceAsync(scene, victim, responder);
    }

    [Theory]
    [MemberData(nameof(Adoption))]
    public async Task A_requester_that_dies_while_it_adopts_is_followed_by_a_third(string step)
    {
        using var scene = new Scene();
        PeerProcess first = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeOneAsync(first);
        first.Kill();
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        victim.Tell($"requester {scene.Channel}");
        await ReplaceAsync(scene, victim, responder);
    }

    [Theory]
    [MemberData(nameof(ReHoming))]
    public async Task A_requester_that_dies_while_it_moves_to_a_new_home_is_replaced(string step)
    {
        using var scene = new Scene();
        (PeerProcess victim, PeerProcess responder) = await ExchangeAsync(scene);
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("reset");
        await ReplaceAsync(scene, victim, responder);
    }

    [Fact]
    public async Task A_requester_that_dies_in_a_reset_under_a_responder_at_work_is_replaced_by_one_that_waits_for_that_responder()
    {
        using var scene = new Scene();
        PeerProcess victim = await scene.RequesterAsync();
        PeerProcess responder = await scene.FaultyAsync(nameof(Step.RoomMade), "stop");
        await responder.AskAsync($"responder {scene.Channel}", "state Attached");
        await victim.AskAsync("ask late-50000 timeout=2000", "error TimeoutException");
        await responder.HearAsync("stops");
        await Scene.ArmAsync(victim, nameof(Step.ReHomeTicketCleared), "die");
        victim.Tell("reset");
        await victim.DeathAsync();

        // It touches nothing before the responder has ended.
        PeerProcess next = await scene.FaultyAsync(nameof(Step.AskNameWritten), "stop");
        await next.AskAsync($"requester {scene.Channel}", "created");
        next.Tell("ask first-6000");
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.True(next.IsSilent, next.Heard);
        responder.GoOn();
        await next.HearAsync("stops");
        await next.StoppedAsync();
        next.GoOn();
        await next.HearAsync("answer right");
        await Scene.ExchangeHundredAsync(next);
        await scene.EndAsync(next, responder);
    }

    [Fact]
    public async Task A_requester_that_dies_when_it_has_made_a_removed_control_segment_anew_is_replaced()
    {
        using var scene = new Scene();
        (PeerProcess victim, PeerProcess responder) = await ExchangeAsync(scene);
        SharedMemory.Delete(new ChannelName(scene.Channel).ControlSegment);
        await Scene.ArmAsync(victim, nameof(Step.ControlReplaced), "die");
        victim.Tell("reset");
        await ReplaceAsync(scene, victim, responder);
    }

    [Theory]
    [MemberData(nameof(Request))]
    public async Task A_requester_that_dies_with_a_request_of_its_own_is_replaced(string step)
    {
        using var scene = new Scene();
        (PeerProcess victim, PeerProcess responder) = await ExchangeAsync(scene);
        await Scene.ArmAsync(victim, step, "die");
        await victim.TellUntilItStrikesAsync("ask lost-99000");
        await ReplaceAsync(scene, victim, responder);
    }

    [Fact]
    public async Task A_requester_that_dies_while_it_withdraws_what_a_responder_has_in_hand_is_replaced_and_the_late_answer_goes_to_nobody()
    {
        using var scene = new Scene();
        PeerProcess victim = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync("slow=400");
        await Scene.ArmAsync(victim, nameof(Step.WithdrawTicketCleared), "die");
        victim.Tell("ask late-5000 timeout=100");
        await victim.DeathAsync();
        PeerProcess next = await scene.RequesterAsync();
        await Scene.ExchangeOneAsync(next, "after-6000");
        await responder.AskAsync("close", "closed");
        PeerProcess quick = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(next);
        await scene.EndAsync(next, quick);
    }

    [Theory]
    [InlineData(nameof(Step.WithdrawTicketCleared))]
    [InlineData(nameof(Step.WithdrawPendingCleared))]
    public async Task A_requester_that_dies_while_it_withdraws_what_nobody_took_is_replaced(string step)
    {
        using var scene = new Scene();
        PeerProcess victim = await scene.RequesterAsync();
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("ask untaken-5000 timeout=50");
        await victim.DeathAsync();
        PeerProcess responder = scene.StartResponder();
        await ReplaceAsync(scene, responder);
    }

    [Theory]
    [MemberData(nameof(Closing))]
    public async Task A_requester_that_dies_on_its_way_out_leaves_a_channel_that_the_next_can_have(string step)
    {
        using var scene = new Scene();
        (PeerProcess victim, PeerProcess responder) = await ExchangeAsync(scene);
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("close");
        await ReplaceAsync(scene, victim, responder);
    }

    private static async Task<(PeerProcess Requester, PeerProcess Responder)> ExchangeAsync(Scene scene)
    {
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeOneAsync(requester);
        return (requester, responder);
    }

    private static async Task ReplaceAsync(Scene scene, PeerProcess victim, PeerProcess responder)
    {
        await victim.DeathAsync();
        await ReplaceAsync(scene, responder);
    }

    private static async Task ReplaceAsync(Scene scene, PeerProcess responder)
    {
        long start = FaultPeer.Output.Now;
        PeerProcess next = await scene.RequesterAsync();
        string answer = await next.AskAsync("ask first-of-the-next-70000", "answer");
        Assert.StartsWith("answer right", answer, StringComparison.Ordinal);
        Scene.AssertLearned(start, PeerProcess.Moment(answer, 2), "the next requester has the channel and its first answer", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(next);
        await scene.EndAsync(next, responder);
    }
}
