using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>A server dies at a step, its extended client lives: another server takes the channel, and the client goes on without restarting.</summary>
public sealed class ServerDeathTests
{
    public static TheoryData<string> BirthAndHome => Steps.Of(Steps.Birth, Steps.Home);

    public static TheoryData<string> Adoption => Steps.Of(Steps.Adoption);

    public static TheoryData<string> ReHoming => Steps.Of(Steps.ReHoming, Steps.Home);

    public static TheoryData<string> Request => Steps.Of(Steps.Asking, Steps.BeingAnswered);

    public static TheoryData<string> Closing => Steps.Of(Steps.Closing);

    [Theory]
    [MemberData(nameof(BirthAndHome))]
    public async Task A_server_that_dies_in_birth_leaves_a_channel_that_the_next_can_have(string step)
    {
        using var scene = new Scene();
        PeerProcess client = scene.StartClient();
        await client.HearAsync("state WaitingForServer");
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        victim.Tell($"server {scene.Channel}");
        await ReplaceAsync(scene, victim, client);
    }

    [Theory]
    [MemberData(nameof(Adoption))]
    public async Task A_server_that_dies_while_it_adopts_is_followed_by_a_third(string step)
    {
        using var scene = new Scene();
        PeerProcess first = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeOneAsync(first);
        first.Kill();
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        victim.Tell($"server {scene.Channel}");
        await ReplaceAsync(scene, victim, client);
    }

    [Theory]
    [MemberData(nameof(ReHoming))]
    public async Task A_server_that_dies_while_it_moves_to_a_new_home_is_replaced(string step)
    {
        using var scene = new Scene();
        (PeerProcess victim, PeerProcess client) = await ExchangeAsync(scene);
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("reset");
        await ReplaceAsync(scene, victim, client);
    }

    [Fact]
    public async Task A_server_that_dies_in_a_reset_under_a_client_at_work_is_replaced_by_one_that_waits_for_that_client()
    {
        using var scene = new Scene();
        PeerProcess victim = await scene.ServerAsync();
        PeerProcess client = await scene.FaultyAsync(nameof(Step.RoomMade), "stop");
        await client.AskAsync($"client {scene.Channel}", "state Attached");
        await victim.AskAsync("ask late-50000 timeout=2000", "error TimeoutException");
        await client.HearAsync("stops");
        await Scene.ArmAsync(victim, nameof(Step.ReHomeTicketCleared), "die");
        victim.Tell("reset");
        await victim.DeathAsync();

        // It touches nothing before the client has ended.
        PeerProcess next = await scene.FaultyAsync(nameof(Step.AskNameWritten), "stop");
        await next.AskAsync($"server {scene.Channel}", "created");
        next.Tell("ask first-6000");
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.True(next.IsSilent, next.Heard);
        client.GoOn();
        await next.HearAsync("stops");
        await next.StoppedAsync();
        next.GoOn();
        await next.HearAsync("answer right");
        await Scene.ExchangeHundredAsync(next);
        await scene.EndAsync(next, client);
    }

    [Fact]
    public async Task A_server_that_dies_when_it_has_made_a_removed_control_segment_anew_is_replaced()
    {
        using var scene = new Scene();
        (PeerProcess victim, PeerProcess client) = await ExchangeAsync(scene);
        SharedMemory.Delete(new ChannelName(scene.Channel).ControlSegment);
        await Scene.ArmAsync(victim, nameof(Step.ControlReplaced), "die");
        victim.Tell("reset");
        await ReplaceAsync(scene, victim, client);
    }

    [Theory]
    [MemberData(nameof(Request))]
    public async Task A_server_that_dies_with_a_request_of_its_own_is_replaced(string step)
    {
        using var scene = new Scene();
        (PeerProcess victim, PeerProcess client) = await ExchangeAsync(scene);
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("ask lost-99000");
        await ReplaceAsync(scene, victim, client);
    }

    [Fact]
    public async Task A_server_that_dies_while_it_withdraws_what_a_client_has_in_hand_is_replaced_and_the_late_answer_goes_to_nobody()
    {
        using var scene = new Scene();
        PeerProcess victim = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync("slow=400");
        await Scene.ArmAsync(victim, nameof(Step.WithdrawTicketCleared), "die");
        victim.Tell("ask late-5000 timeout=100");
        await victim.DeathAsync();
        PeerProcess next = await scene.ServerAsync();
        await Scene.ExchangeOneAsync(next, "after-6000");
        await client.AskAsync("close", "closed");
        PeerProcess quick = await scene.ClientAsync();
        await Scene.ExchangeHundredAsync(next);
        await scene.EndAsync(next, quick);
    }

    [Theory]
    [InlineData(nameof(Step.WithdrawTicketCleared))]
    [InlineData(nameof(Step.WithdrawPendingCleared))]
    public async Task A_server_that_dies_while_it_withdraws_what_nobody_took_is_replaced(string step)
    {
        using var scene = new Scene();
        PeerProcess victim = await scene.ServerAsync();
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("ask nobody-5000 timeout=50");
        await victim.DeathAsync();
        PeerProcess client = scene.StartClient();
        await ReplaceAsync(scene, client);
    }

    [Theory]
    [MemberData(nameof(Closing))]
    public async Task A_server_that_dies_on_its_way_out_leaves_a_channel_that_the_next_can_have(string step)
    {
        using var scene = new Scene();
        (PeerProcess victim, PeerProcess client) = await ExchangeAsync(scene);
        await Scene.ArmAsync(victim, step, "die");
        victim.Tell("close");
        await ReplaceAsync(scene, victim, client);
    }

    private static async Task<(PeerProcess Server, PeerProcess Client)> ExchangeAsync(Scene scene)
    {
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeOneAsync(server);
        return (server, client);
    }

    private static async Task ReplaceAsync(Scene scene, PeerProcess victim, PeerProcess client)
    {
        await victim.DeathAsync();
        await ReplaceAsync(scene, client);
    }

    private static async Task ReplaceAsync(Scene scene, PeerProcess client)
    {
        long start = FaultPeer.Output.Now;
        PeerProcess next = await scene.ServerAsync();
        string answer = await next.AskAsync("ask first-of-the-next-70000", "answer");
        Assert.StartsWith("answer right", answer, StringComparison.Ordinal);
        Scene.AssertLearned(start, PeerProcess.Moment(answer, 2), "the next server has the channel and its first answer", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(next);
        await scene.EndAsync(next, client);
    }
}
