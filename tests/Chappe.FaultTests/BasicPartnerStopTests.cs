using Chappe.Exchange;

namespace Chappe.FaultTests;

/// <summary>
/// One side is of the basic level and the other, ours, is stopped. No stray posts meanwhile: to a basic peer a post is a request or an answer.
/// </summary>
public sealed class BasicPartnerStopTests : StopTests
{
    public static TheoryData<string> BirthAndHome => Steps.Of(Steps.Birth, Steps.Home);

    public static TheoryData<string> Adoption => Steps.Of(Steps.Adoption);

    public static TheoryData<string> ReHoming => Steps.Of(Steps.ReHoming, Steps.Home);

    public static TheoryData<string> Request => Steps.Of(Steps.Asking, [nameof(Step.AnswerPostTaken)], Steps.BasicAnswer);

    public static TheoryData<string> Withdrawal => Steps.Of(Steps.Withdrawal);

    public static TheoryData<string> Closing => Steps.Of(Steps.Closing);

    public static TheoryData<string> Answering => Steps.Of(Steps.AnsweringABasicRequester, [nameof(Step.ResponsePosted)]);

    [Theory]
    [MemberData(nameof(BirthAndHome))]
    public async Task A_basic_responder_waits_for_a_requester_that_is_stopped_in_birth(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess responder = BasicPeer.StartResponder(scene);
        PeerProcess requester = scene.Peer();
        await StopAsync(scene, requester, step, $"requester {scene.Channel}", "created");
        await EndAsync(scene, requester, responder);
    }

    [Theory]
    [MemberData(nameof(Adoption))]
    public async Task A_basic_responder_waits_for_a_requester_that_is_stopped_while_it_adopts(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        (PeerProcess first, PeerProcess responder) = await StartAsync(scene);
        first.Kill();
        PeerProcess requester = scene.Peer();
        await StopAsync(scene, requester, step, $"requester {scene.Channel}", "created");
        await EndAsync(scene, requester, responder);
    }

    [Theory]
    [MemberData(nameof(ReHoming))]
    public async Task A_basic_responder_serves_a_requester_that_was_stopped_while_it_moved(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        (PeerProcess requester, PeerProcess responder) = await StartAsync(scene);
        await StopAsync(scene, requester, step, "reset", "reset");
        responder.Kill();
        await EndAsync(scene, requester, BasicPeer.StartResponder(scene));
    }

    [Theory]
    [MemberData(nameof(Request))]
    public async Task A_requester_that_is_stopped_with_a_request_gets_the_answer_of_a_basic_responder(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        (PeerProcess requester, PeerProcess responder) = await StartAsync(scene);
        await StopAsync(scene, requester, step, "ask wanted-98765", "answer right");
        await EndAsync(scene, requester, responder);
    }

    [Theory]
    [MemberData(nameof(Withdrawal))]
    public async Task A_basic_responder_serves_a_requester_that_was_stopped_while_it_withdrew(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        await StopAsync(scene, requester, step, "ask untaken-5 timeout=50", "error TimeoutException");
        await EndAsync(scene, requester, BasicPeer.StartResponder(scene));
    }

    [Theory]
    [MemberData(nameof(Closing))]
    public async Task A_basic_responder_serves_the_requester_after_one_that_was_stopped_on_its_way_out(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        (PeerProcess requester, PeerProcess responder) = await StartAsync(scene);
        await StopAsync(scene, requester, step, "close", "closed");
        responder.Kill();
        await EndAsync(scene, await scene.RequesterAsync(), BasicPeer.StartResponder(scene));
    }

    [Theory]
    [MemberData(nameof(Answering))]
    public async Task A_basic_requester_has_the_answer_of_a_responder_that_is_stopped(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess responder = await scene.FaultyAsync(step, "stop");
        responder.Tell($"responder {scene.Channel}");
        PeerProcess requester = BasicPeer.Start(scene, $"server --channel {scene.Channel} --timeout 30 wanted-98765");
        await HoldAndGoOnAsync(scene, responder);
        Assert.Equal(BasicPeer.RightLine("wanted-98765"), await requester.HearAsync("wanted"));
        Assert.Equal(0, await requester.EndAsync());
        await BasicPeer.ExchangeWithARequesterAsync(scene, responder);
    }

    private static async Task<(PeerProcess Requester, PeerProcess Responder)> StartAsync(Scene scene)
    {
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = BasicPeer.StartResponder(scene);
        await Scene.ExchangeOneAsync(requester);
        return (requester, responder);
    }

    /// <summary>Has a peer stop at a step of what it is told, and go on to the outcome.</summary>
    private static async Task StopAsync(Scene scene, PeerProcess peer, string step, string command, string outcome)
    {
        await Scene.ArmAsync(peer, step, "stop");
        peer.Tell(command);
        await HoldAndGoOnAsync(scene, peer);
        await peer.HearAsync(outcome);
    }

    private static async Task HoldAndGoOnAsync(Scene scene, PeerProcess peer)
    {
        await peer.HearAsync("stops");
        await HoldAsync(scene, peer, posts: false);
        peer.GoOn();
    }

    private static async Task EndAsync(Scene scene, PeerProcess requester, PeerProcess responder)
    {
        await Scene.ExchangeHundredAsync(requester, BasicPeer.HundredOptions);
        responder.Kill();
        await scene.EndAsync(requester);
    }
}
