using Chappe.Exchange;
using Chappe.FaultPeer;

namespace Chappe.FaultTests;

/// <summary>
/// One side is of the basic level, which knows no death: only deadlines decide. Who of ours dies is replaced; the basic partner goes on where the
/// channel still is what it has open, and is started again where it is not.
/// </summary>
public sealed class BasicPartnerTests
{
    public static TheoryData<string> AnsweringABasicServer => Steps.Of(Steps.AnsweringABasicServer);

    public static TheoryData<string> Birth => Steps.Of(Steps.Birth);

    public static TheoryData<string> Home => Steps.Of(Steps.Home);

    public static TheoryData<string> Closing => Steps.Of(Steps.Closing);

    [Theory]
    [MemberData(nameof(Birth))]
    public async Task A_basic_client_that_was_first_serves_the_server_after_one_that_died_in_birth(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess client = BasicPeer.StartClient(scene);
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        victim.Tell($"server {scene.Channel}");
        await victim.DeathAsync();
        await ExchangeWithTheNextAsync(scene, client);
    }

    [Theory]
    [MemberData(nameof(Home))]
    public async Task A_basic_client_is_started_again_after_a_server_that_died_while_it_made_its_home(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess client = BasicPeer.StartClient(scene);
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        victim.Tell($"server {scene.Channel}");
        await victim.DeathAsync();
        client.Kill();
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
    public async Task A_server_that_dies_with_a_request_to_a_basic_client_is_replaced(string step, bool clientGoesOn)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess client = BasicPeer.StartClient(scene);
        PeerProcess victim = await scene.ServerAsync();
        await Scene.ExchangeOneAsync(victim);
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("ask lost-99000");
        await victim.DeathAsync();
        if (!clientGoesOn)
        {
            client.Kill();
        }

        await ExchangeWithTheNextAsync(scene, clientGoesOn ? client : null);
    }

    [Theory]
    [InlineData(nameof(Step.WithdrawTicketCleared))]
    [InlineData(nameof(Step.WithdrawPendingCleared))]
    public async Task A_server_that_dies_while_it_withdraws_a_request_is_replaced_for_a_basic_client_too(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess victim = await scene.ServerAsync();
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("ask nobody-5 timeout=50");
        await victim.DeathAsync();
        await ExchangeWithTheNextAsync(scene, null);
    }

    [Theory]
    [MemberData(nameof(Closing))]
    public async Task A_server_that_dies_on_its_way_out_is_replaced_for_a_basic_client_too(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess client = BasicPeer.StartClient(scene);
        PeerProcess victim = await scene.ServerAsync();
        await Scene.ExchangeOneAsync(victim);
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("close");
        await victim.DeathAsync();
        client.Kill();
        await ExchangeWithTheNextAsync(scene, null);
    }

    [Theory]
    [MemberData(nameof(AnsweringABasicServer))]
    public async Task A_basic_server_whose_client_dies_ends_at_its_deadline_and_the_next_pair_exchanges(string step)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        victim.Tell($"client {scene.Channel}");
        PeerProcess server = BasicPeer.Start(scene, $"server --channel {scene.Channel} --timeout 3 wanted-98765");
        await victim.DeathAsync();
        Assert.Equal(2, await server.EndAsync());
        await BasicPeer.ExchangeWithAServerAsync(scene, scene.StartClient());
    }

    [Fact]
    public async Task A_basic_server_has_the_answer_of_a_client_that_dies_after_its_post()
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess victim = await scene.FaultyAsync(nameof(Step.ResponsePosted), "die");
        victim.Tell($"client {scene.Channel}");
        PeerProcess server = BasicPeer.Start(scene, $"server --channel {scene.Channel} --timeout 30 wanted-98765");
        await victim.DeathAsync();
        Assert.Equal(BasicPeer.RightLine("wanted-98765"), await server.HearAsync("wanted"));
        Assert.Equal(0, await server.EndAsync());
        await BasicPeer.ExchangeWithAServerAsync(scene, scene.StartClient());
    }

    [Fact]
    public async Task A_client_goes_on_with_the_basic_server_after_one_that_was_killed()
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess client = scene.StartClient();
        PeerProcess server = BasicPeer.Start(scene, $"server --channel {scene.Channel} --pause-ms 60000 --timeout 30 wanted-98765 after-6000");
        Assert.Equal(BasicPeer.RightLine("wanted-98765"), await server.HearAsync("wanted"));
        server.Kill();
        await BasicPeer.ExchangeWithAServerAsync(scene, client);
    }

    [Theory]
    [InlineData("--die-after-header")]
    [InlineData("--die-before-post")]
    public async Task A_basic_client_that_dies_costs_one_deadline_and_a_reset(string death)
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = BasicPeer.StartClient(scene, $"{death} --count 2");
        await Scene.ExchangeOneAsync(server);
        server.Tell("ask wanted-98765 timeout=3000");
        await client.EndAsync();
        await server.HearAsync("error TimeoutException");

        // Nobody can tell that it is dead: whether it may still write is not known until the reset.
        await server.AskAsync("ask after-6000 timeout=200", "error TimeoutException");
        await server.AskAsync("reset", "reset");
        PeerProcess next = BasicPeer.StartClient(scene);
        await Scene.ExchangeHundredAsync(server, BasicPeer.HundredOptions);
        next.Kill();
        await scene.EndAsync(server);
    }

    [Fact]
    public async Task An_extended_client_that_comes_after_a_dead_basic_one_needs_no_reset()
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = BasicPeer.StartClient(scene, "--die-before-post --count 1");
        server.Tell("ask wanted-98765 timeout=3000");
        await client.EndAsync();
        await server.HearAsync("error TimeoutException");
        PeerProcess next = await scene.ClientAsync();
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, next);
    }

    [Fact]
    public async Task A_basic_client_that_ends_in_order_and_unlinks_every_name_is_followed_by_the_next_in_a_new_home()
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        for (int i = 0; i < 3; i++)
        {
            PeerProcess client = BasicPeer.StartClient(scene, "--unlink-on-exit yes");
            await Scene.ExchangeOneAsync(server);
            client.Signal(BasicPeer.OrderlyEnd);
            await client.EndAsync();
            Assert.Single(scene.Names());
            server.Tell("ask after-6000");
            PeerProcess next = BasicPeer.StartClient(scene);
            Assert.StartsWith("answer right", await server.HearAsync("answer"), StringComparison.Ordinal);
            next.Kill();
        }

        PeerProcess extended = await scene.ClientAsync();
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, extended);
    }

    [Fact]
    public async Task A_late_answer_of_a_slow_basic_client_goes_to_nobody()
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = BasicPeer.StartClient(scene, "--slow-ms 400");
        await Scene.ExchangeOneAsync(server);
        for (int i = 0; i < 3; i++)
        {
            await server.AskAsync("ask wanted-98765 timeout=150", "error TimeoutException");
            await Scene.ExchangeOneAsync(server, "after-6000");
        }

        client.Kill();
        await scene.EndAsync(server);
    }

    /// <param name="scene">The channel.</param>
    /// <param name="client">The client that goes on; null to start one when the next server has the channel, which may have moved.</param>
    private static async Task ExchangeWithTheNextAsync(Scene scene, PeerProcess? client)
    {
        long start = Output.Now;
        PeerProcess next = await scene.ServerAsync();
        client ??= BasicPeer.StartClient(scene);
        string answer = await next.AskAsync("ask first-of-the-next-70000", "answer");
        Assert.StartsWith("answer right", answer, StringComparison.Ordinal);
        Scene.AssertLearned(start, PeerProcess.Moment(answer, 2), "the next server has the channel and a basic client's answer", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(next, BasicPeer.HundredOptions);
        client.Kill();
        await scene.EndAsync(next);
    }
}
