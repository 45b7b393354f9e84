using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>A responder dies at a step and its extended requester lives on: the request goes to the next responder, or fails with PeerLostException.</summary>
public sealed class ResponderDeathTests
{
    public static TheoryData<string> Attaching => Steps.Of(Steps.Attaching);

    public static TheoryData<string> Request => Steps.Of(Steps.BeforeTaking, Steps.Taken, Steps.Done);

    public static TheoryData<string> BeforeTaking => Steps.Of(Steps.BeforeTaking);

    public static TheoryData<string> Taken => Steps.Of(Steps.Taken);

    public static TheoryData<string> Done => Steps.Of(Steps.Done);

    [Theory]
    [MemberData(nameof(Attaching))]
    public async Task A_responder_that_dies_while_it_attaches_leaves_the_request_to_the_next(string step)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        requester.Tell("ask early-4321");
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        victim.Tell($"responder {scene.Channel}");
        await victim.DeathAsync();
        long start = FaultPeer.Output.Now;
        PeerProcess next = scene.StartResponder();
        await AnsweredAsync(requester, start, "the next responder has answered", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }

    [Theory]
    [MemberData(nameof(Attaching))]
    public async Task A_stand_by_that_dies_while_it_takes_over_leaves_the_request_to_the_next_stand_by(string step)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess first = await scene.ResponderAsync("slow=60000 verbose=1");
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        await victim.AskAsync($"responder {scene.Channel}", "state StandingBy");
        requester.Tell("ask wanted-4321");
        await first.HearAsync("in-hand");
        first.Kill();
        long death = await victim.DeathAsync();
        PeerProcess next = scene.StartResponder();
        await AnsweredAsync(requester, death, "the responder after the stand-by has answered", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_responder_that_dies_while_it_follows_its_requester_to_a_new_home_leaves_the_request_to_the_next(bool hasStandBy)
    {
        using var scene = new Scene();
        (PeerProcess requester, PeerProcess victim) = await ExchangeAsync(scene);
        PeerProcess? next = hasStandBy ? await scene.StandByAsync() : null;
        await Scene.ArmAsync(victim, nameof(Step.FollowOpened), "die");
        await requester.AskAsync("reset", "reset");
        requester.Tell("ask moved-70000");
        long death = await victim.DeathAsync();
        next ??= scene.StartResponder();
        await AnsweredAsync(requester, death, "the next responder has answered", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }

    [Theory]
    [MemberData(nameof(Request))]
    public async Task A_request_of_a_responder_that_dies_is_answered_by_the_stand_by(string step)
    {
        using var scene = new Scene();
        (PeerProcess requester, PeerProcess victim) = await ExchangeAsync(scene);
        PeerProcess standBy = await scene.StandByAsync();
        await Scene.ArmAsync(victim, step, "die");
        requester.Tell("ask wanted-98765");
        long death = await victim.DeathAsync();
        await AnsweredAsync(requester, death, $"the answer after a death at {step}, with a stand-by");
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, standBy);
    }

    [Theory]
    [InlineData("")]
    [InlineData("lost=1")]
    public async Task A_death_is_learned_though_the_next_responder_finds_no_home_to_attach_to(string options)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess first = await scene.ResponderAsync("slow=60000 verbose=1");
        PeerProcess next = await scene.StandByAsync();
        requester.Tell($"ask wanted-98765 {options}");
        await first.HearAsync("in-hand");
        SharedMemory.Delete(new ChannelName(scene.Channel).HeaderSegment);

        // The requester looks again only when the next responder has the lock.
        requester.Signal(PeerProcess.Stop);
        await requester.StoppedAsync();
        first.Kill();
        using (ControlSegment control = scene.OpenControl())
        {
            await Scene.UntilAsync(() => control.IsResponderAlive);
        }

        long start = FaultPeer.Output.Now;
        requester.GoOn();
        if (options.Length > 0)
        {
            string error = await requester.HearAsync("error PeerLostException");
            Scene.AssertLearned(start, PeerProcess.Moment(error, 2), "PeerLostException while the next responder cannot attach");
        }
        else
        {
            await AnsweredAsync(requester, start, "the answer of a responder that could not attach at first");
        }

        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }

    [Theory]
    [MemberData(nameof(Taken))]
    public async Task A_caller_that_wants_to_know_is_told_that_its_responder_died(string step)
    {
        using var scene = new Scene();
        (PeerProcess requester, PeerProcess victim) = await ExchangeAsync(scene);
        await Scene.ArmAsync(victim, step, "die");
        requester.Tell("ask wanted-98765 lost=1");
        long death = await victim.DeathAsync();
        string error = await requester.HearAsync("error PeerLostException");
        Assert.Contains($"process id {victim.Id} ", error, StringComparison.Ordinal);
        Scene.AssertLearned(death, PeerProcess.Moment(error, 2), $"PeerLostException after a death at {step}");
        await ReplaceAsync(scene, requester);
    }

    [Theory]
    [MemberData(nameof(Done))]
    public async Task An_answer_that_was_whole_before_its_responder_died_is_delivered(string step)
    {
        using var scene = new Scene();
        (PeerProcess requester, PeerProcess victim) = await ExchangeAsync(scene);
        await Scene.ArmAsync(victim, step, "die");
        requester.Tell("ask wanted-98765 lost=1");
        long death = await victim.DeathAsync();
        await AnsweredAsync(requester, death, $"the answer after a death at {step}");
        await ReplaceAsync(scene, requester);
    }

    [Theory]
    [MemberData(nameof(BeforeTaking))]
    public async Task A_request_that_its_responder_had_not_taken_waits_for_the_next(string step)
    {
        using var scene = new Scene();
        (PeerProcess requester, PeerProcess victim) = await ExchangeAsync(scene);
        await Scene.ArmAsync(victim, step, "die");
        requester.Tell("ask wanted-98765 lost=1");
        await victim.DeathAsync();
        long start = FaultPeer.Output.Now;
        PeerProcess next = scene.StartResponder();
        await AnsweredAsync(requester, start, $"the answer of the next responder after a death at {step}", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }

    private static async Task<(PeerProcess Requester, PeerProcess Responder)> ExchangeAsync(Scene scene)
    {
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeOneAsync(requester);
        return (requester, responder);
    }

    private static async Task AnsweredAsync(PeerProcess requester, long from, string what, TimeSpan? bound = null)
    {
        string answer = await requester.HearAsync("answer");
        Assert.StartsWith("answer right", answer, StringComparison.Ordinal);
        Scene.AssertLearned(from, PeerProcess.Moment(answer, 2), what, bound);
    }

    private static async Task ReplaceAsync(Scene scene, PeerProcess requester)
    {
        PeerProcess next = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }
}
