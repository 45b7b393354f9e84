using Chappe.Exchange;
using Chappe.FaultPeer;

namespace Chappe.FaultTests;

/// <summary>
/// One side is of the basic level, which knows no death: only deadlines decide. Who of ours dies is replaced; the basic partner goes on where the
/// channel still is what it has open, and is started again where it is not.
/// </summary>
public sealed class BasicPartnerTests
{
    public static TheoryData<string> AnsweringABasicRequester => Steps.Of(Steps.AnsweringABasicRequester);

    public static TheoryData<string> Birth => Steps.Of(Steps.Birth);

    public static TheoryData<string> Home => Steps.Of(Steps.Home);

    public static TheoryData<string> Closing => Steps.Of(Steps.Closing);

    [Theory]
    [MemberData(nameof(Birth))]
    public async Task A_basic_responder_that_was_first_serves_the_requester_after_one_that_died_in_birth(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess responder = BasicPeer.StartResponder(scene);
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        victim.Tell($"requester {scene.Channel}");
        await victim.DeathAsync();
        await ExchangeWithTheNextAsync(scene, responder);
    }

    [Theory]
    [MemberData(nameof(Home))]
    public async Task A_basic_responder_is_started_again_after_a_requester_that_died_while_it_made_its_home(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess responder = BasicPeer.StartResponder(scene);
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        victim.Tell($"requester {scene.Channel}");
        await victim.DeathAsync();
        responder.Kill();
        await ExchangeWithTheNextAsync(scene, null);
    }

    [Theory]
    [InlineData(nameof(Step.AskNameWritten), true)]
    [InlineData(nameof(Step.AskHeaderWritten), true)]
    [InlineData(nameof(Step.AskDrained), true)]
    [InlineData(nameof(Step.AskPendingWritten), false)]
    [InlineData(nameof(Step.AskTicketWritten), false)]
    [InlineData(nameof(Step.AskPosted), false)]
    [InlineData(nameof(Step.AnswerPostTaken), false)]
    [InlineData(nameof(Step.BasicTicketCleared), false)]
    [InlineData(nameof(Step.BasicPendingCleared), true)]
    public async Task A_requester_that_dies_with_a_request_to_a_basic_responder_is_replaced(string step, bool responderGoesOn)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess responder = BasicPeer.StartResponder(scene);
        PeerProcess victim = await scene.RequesterAsync();
        await Scene.ExchangeOneAsync(victim);
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("ask lost-99000");
        await victim.DeathAsync();
        if (!responderGoesOn)
        {
            responder.Kill();
        }

        await ExchangeWithTheNextAsync(scene, responderGoesOn ? responder : null);
    }

    [Theory]
    [InlineData(nameof(Step.WithdrawTicketCleared))]
    [InlineData(nameof(Step.WithdrawPendingCleared))]
    public async Task A_requester_that_dies_while_it_withdraws_a_request_is_replaced_for_a_basic_responder_too(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess victim = await scene.RequesterAsync();
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("ask untaken-5 timeout=50");
        await victim.DeathAsync();
        await ExchangeWithTheNextAsync(scene, null);
    }

    [Theory]
    [MemberData(nameof(Closing))]
    public async Task A_requester_that_dies_on_its_way_out_is_replaced_for_a_basic_responder_too(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess responder = BasicPeer.StartResponder(scene);
        PeerProcess victim = await scene.RequesterAsync();
        await Scene.ExchangeOneAsync(victim);
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("close");
        await victim.DeathAsync();
        responder.Kill();
        await ExchangeWithTheNextAsync(scene, null);
    }

    [Theory]
    [MemberData(nameof(AnsweringABasicRequester))]
    public async Task A_basic_requester_whose_responder_dies_ends_at_its_deadline_and_the_next_pair_exchanges(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        victim.Tell($"responder {scene.Channel}");
        PeerProcess requester = BasicPeer.Start(scene, $"server --channel {scene.Channel} --timeout 3 wanted-98765");
        await victim.DeathAsync();
        Assert.Equal(2, await requester.EndAsync());
        await BasicPeer.ExchangeWithARequesterAsync(scene, scene.StartResponder());
    }

    [Fact]
    public async Task A_basic_requester_has_the_answer_of_a_responder_that_dies_after_its_post()
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess victim = await scene.FaultyAsync(nameof(Step.ResponsePosted), "die");
        victim.Tell($"responder {scene.Channel}");
        PeerProcess requester = BasicPeer.Start(scene, $"server --channel {scene.Channel} --timeout 30 wanted-98765");
        await victim.DeathAsync();
        Assert.Equal(BasicPeer.RightLine("wanted-98765"), await requester.HearAsync("wanted"));
        Assert.Equal(0, await requester.EndAsync());
        await BasicPeer.ExchangeWithARequesterAsync(scene, scene.StartResponder());
    }

    [Fact]
    public async Task A_responder_goes_on_with_the_basic_requester_after_one_that_was_killed()
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess responder = scene.StartResponder();
        PeerProcess requester = BasicPeer.Start(scene, $"server --channel {scene.Channel} --pause-ms 60000 --timeout 30 wanted-98765 after-6000");
        Assert.Equal(BasicPeer.RightLine("wanted-98765"), await requester.HearAsync("wanted"));
        requester.Kill();
        await BasicPeer.ExchangeWithARequesterAsync(scene, responder);
    }

    [Theory]
    [InlineData("--die-after-header")]
    [InlineData("--die-before-post")]
    public async Task A_basic_responder_that_dies_costs_one_deadline_and_a_reset(string death)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = BasicPeer.StartResponder(scene, $"{death} --count 2");
        await Scene.ExchangeOneAsync(requester);
        requester.Tell("ask wanted-98765 timeout=3000");
        await responder.EndAsync();
        await requester.HearAsync("error TimeoutException");

        // Nobody can tell that it is dead: whether it may still write is not known until the reset.
        await requester.AskAsync("ask after-6000 timeout=200", "error TimeoutException");
        await requester.AskAsync("reset", "reset");
        PeerProcess next = BasicPeer.StartResponder(scene);
        await Scene.ExchangeHundredAsync(requester, BasicPeer.HundredOptions);
        next.Kill();
        await scene.EndAsync(requester);
    }

    [Fact]
    public async Task An_extended_responder_that_comes_after_a_dead_basic_one_needs_no_reset()
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = BasicPeer.StartResponder(scene, "--die-before-post --count 1");
        requester.Tell("ask wanted-98765 timeout=3000");
        await responder.EndAsync();
        await requester.HearAsync("error TimeoutException");
        PeerProcess next = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }

    [Fact]
    public async Task A_basic_responder_that_ends_in_order_and_unlinks_every_name_is_followed_by_the_next_in_a_new_home()
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        for (int i = 0; i < 3; i++)
        {
            PeerProcess responder = BasicPeer.StartResponder(scene, "--unlink-on-exit yes");
            await Scene.ExchangeOneAsync(requester);
            responder.Signal(BasicPeer.OrderlyEnd);
            await responder.EndAsync();
            Assert.Single(scene.Names());
            requester.Tell("ask after-6000");
            PeerProcess next = BasicPeer.StartResponder(scene);
            Assert.StartsWith("answer right", await requester.HearAsync("answer"), StringComparison.Ordinal);
            next.Kill();
        }

        PeerProcess extended = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, extended);
    }

    [Fact]
    public async Task A_late_answer_of_a_slow_basic_responder_goes_to_nobody()
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = BasicPeer.StartResponder(scene, "--slow-ms 400");
        await Scene.ExchangeOneAsync(requester);
        for (int i = 0; i < 3; i++)
        {
            await requester.AskAsync("ask wanted-98765 timeout=150", "error TimeoutException");
            await Scene.ExchangeOneAsync(requester, "after-6000");
        }

        responder.Kill();
        await scene.EndAsync(requester);
    }

    /// <param name="scene">The channel.</param>
    /// <param name="responder">The responder that goes on; null to start one when the next requester has the channel, which may have moved.</param>
    private static async Task ExchangeWithTheNextAsync(Scene scene, PeerProcess? responder)
    {
        long start = Output.Now;
        PeerProcess next = await scene.RequesterAsync();
        responder ??= BasicPeer.StartResponder(scene);
        string answer = await next.AskAsync("ask first-of-the-next-70000", "answer");
        Assert.StartsWith("answer right", answer, StringComparison.Ordinal);
        Scene.AssertLearned(start, PeerProcess.Moment(answer, 2), "the next requester has the channel and a basic responder's answer", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(next, BasicPeer.HundredOptions);
        responder.Kill();
        await scene.EndAsync(next);
    }
}
