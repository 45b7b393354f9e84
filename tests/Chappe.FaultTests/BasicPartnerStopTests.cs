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

    public static TheoryData<string> Answering => Steps.Of(Steps.AnsweringABasicServer, [nameof(Step.ResponsePosted)]);

    [Theory]
    [MemberData(nameof(BirthAndHome))]
    public async Task A_basic_client_waits_for_a_server_that_is_stopped_in_birth(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess client = BasicPeer.StartClient(scene);
        PeerProcess server = scene.Peer();
        await StopAsync(scene, server, step, $"server {scene.Channel}", "created");
        await EndAsync(scene, server, client);
    }

    [Theory]
    [MemberData(nameof(Adoption))]
    public async Task A_basic_client_waits_for_a_server_that_is_stopped_while_it_adopts(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        (PeerProcess first, PeerProcess client) = await StartAsync(scene);
        first.Kill();
        PeerProcess server = scene.Peer();
        await StopAsync(scene, server, step, $"server {scene.Channel}", "created");
        await EndAsync(scene, server, client);
    }

    [Theory]
    [MemberData(nameof(ReHoming))]
    public async Task A_basic_client_serves_a_server_that_was_stopped_while_it_moved(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        (PeerProcess server, PeerProcess client) = await StartAsync(scene);
        await StopAsync(scene, server, step, "reset", "reset");
        client.Kill();
        await EndAsync(scene, server, BasicPeer.StartClient(scene));
    }

    [Theory]
    [MemberData(nameof(Request))]
    public async Task A_server_that_is_stopped_with_a_request_gets_the_answer_of_a_basic_client(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        (PeerProcess server, PeerProcess client) = await StartAsync(scene);
        await StopAsync(scene, server, step, "ask wanted-98765", "answer right");
        await EndAsync(scene, server, client);
    }

    [Theory]
    [MemberData(nameof(Withdrawal))]
    public async Task A_basic_client_serves_a_server_that_was_stopped_while_it_withdrew(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        await StopAsync(scene, server, step, "ask nobody-5 timeout=50", "error TimeoutException");
        await EndAsync(scene, server, BasicPeer.StartClient(scene));
    }

    [Theory]
    [MemberData(nameof(Closing))]
    public async Task A_basic_client_serves_the_server_after_one_that_was_stopped_on_its_way_out(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        (PeerProcess server, PeerProcess client) = await StartAsync(scene);
        await StopAsync(scene, server, step, "close", "closed");
        client.Kill();
        await EndAsync(scene, await scene.ServerAsync(), BasicPeer.StartClient(scene));
    }

    [Theory]
    [MemberData(nameof(Answering))]
    public async Task A_basic_server_has_the_answer_of_a_client_that_is_stopped(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess client = await scene.FaultyAsync(step, "stop");
        client.Tell($"client {scene.Channel}");
        PeerProcess server = BasicPeer.Start(scene, $"server --channel {scene.Channel} --timeout 30 wanted-98765");
        await HoldAndGoOnAsync(scene, client);
        Assert.Equal(BasicPeer.RightLine("wanted-98765"), await server.HearAsync("wanted"));
        Assert.Equal(0, await server.EndAsync());
        await BasicPeer.ExchangeWithAServerAsync(scene, client);
    }

    private static async Task<(PeerProcess Server, PeerProcess Client)> StartAsync(Scene scene)
    {
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = BasicPeer.StartClient(scene);
        await Scene.ExchangeOneAsync(server);
        return (server, client);
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

    private static async Task EndAsync(Scene scene, PeerProcess server, PeerProcess client)
    {
        await Scene.ExchangeHundredAsync(server, BasicPeer.HundredOptions);
        client.Kill();
        await scene.EndAsync(server);
    }
}
