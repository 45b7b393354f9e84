using Chappe.Exchange;

namespace Chappe.FaultTests;

public sealed class ClientStopTests : StopTests
{
    public static TheoryData<string, bool> Attaching => QuietlyAndWithPosts(Steps.Attaching);

    public static TheoryData<string, bool> BeforeAnswering => QuietlyAndWithPosts(Steps.BeforeTaking, Steps.Taken);

    public static TheoryData<string, bool> Answered => QuietlyAndWithPosts(Steps.Done);

    [Theory]
    [MemberData(nameof(Attaching))]
    public async Task A_client_that_is_stopped_while_it_attaches_keeps_its_place(string step, bool posts)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        server.Tell("ask early-4321");
        PeerProcess client = await scene.FaultyAsync(step, "stop");
        client.Tell($"client {scene.Channel}");
        await client.HearAsync("stops");
        PeerProcess standBy = await scene.StandByAsync();
        await GoOnAsync(scene, client, server, standBy, posts);
        await EndAsync(scene, server, client, standBy);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_is_stopped_while_it_follows_its_server_keeps_its_place(bool posts)
    {
        using var scene = new Scene();
        (PeerProcess server, PeerProcess client, PeerProcess standBy) = await StartAsync(scene);
        await Scene.ArmAsync(client, nameof(Step.FollowOpened), "stop");
        await server.AskAsync("reset", "reset");
        server.Tell("ask moved-70000");
        await client.HearAsync("stops");
        await GoOnAsync(scene, client, server, standBy, posts);
        await EndAsync(scene, server, client, standBy);
    }

    [Theory]
    [MemberData(nameof(BeforeAnswering))]
    public async Task A_request_in_the_hands_of_a_client_that_is_stopped_is_not_sent_again(string step, bool posts)
    {
        using var scene = new Scene();
        (PeerProcess server, PeerProcess client, PeerProcess standBy) = await StartAsync(scene);
        await Scene.ArmAsync(client, step, "stop");
        server.Tell("ask wanted-98765");
        await client.HearAsync("stops");
        await GoOnAsync(scene, client, server, standBy, posts);
        await EndAsync(scene, server, client, standBy);
    }

    [Theory]
    [MemberData(nameof(Answered))]
    public async Task An_answer_of_a_client_that_is_stopped_after_it_is_delivered_without_waiting_for_it(string step, bool posts)
    {
        using var scene = new Scene();
        (PeerProcess server, PeerProcess client, PeerProcess standBy) = await StartAsync(scene);
        await Scene.ArmAsync(client, step, "stop");
        server.Tell("ask wanted-98765");
        long stop = PeerProcess.Moment(await client.HearAsync("stops"), 2);
        string answer = await server.HearAsync("answer right");
        Scene.AssertLearned(stop, PeerProcess.Moment(answer, 2), $"the answer of a client stopped at {step}");
        await HoldAsync(scene, client, posts);
        Assert.True(standBy.IsSilent, standBy.Heard);
        client.GoOn();
        await EndAsync(scene, server, client, standBy);
    }

    private static async Task<(PeerProcess Server, PeerProcess Client, PeerProcess StandBy)> StartAsync(Scene scene)
    {
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeOneAsync(server);
        return (server, client, await scene.StandByAsync());
    }

    private static async Task GoOnAsync(Scene scene, PeerProcess client, PeerProcess server, PeerProcess standBy, bool posts)
    {
        // Also where the client was stopped by its own look around, before the server came to write its ticket.
        await client.StoppedAsync();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        ulong ticket = TicketOf(scene);
        await HoldAsync(scene, client, posts);
        Assert.True(server.IsSilent, server.Heard);
        Assert.DoesNotContain("state Attached", standBy.Heard, StringComparison.Ordinal);
        Assert.Equal(ticket, TicketOf(scene));
        client.GoOn();
        await server.HearAsync("answer right");
        Assert.Equal(ticket, TicketOf(scene));
    }

    private static async Task EndAsync(Scene scene, PeerProcess server, PeerProcess client, PeerProcess standBy)
    {
        await Scene.ExchangeHundredAsync(server);
        Assert.DoesNotContain("state Attached", standBy.Heard, StringComparison.Ordinal);
        await scene.EndAsync(server, client, standBy);
    }
}
