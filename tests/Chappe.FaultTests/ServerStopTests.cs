using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

public sealed class ServerStopTests : StopTests
{
    public static TheoryData<string, bool> BirthAndHome => QuietlyAndWithPosts([nameof(Step.BirthPublished)], Steps.Home);

    public static TheoryData<string, bool> Adoption => QuietlyAndWithPosts(Steps.Adoption);

    public static TheoryData<string, bool> ReHoming => QuietlyAndWithPosts(Steps.ReHoming, Steps.Home);

    public static TheoryData<string, bool> Request => QuietlyAndWithPosts(Steps.Asking, Steps.BeingAnswered);

    [Theory]
    [InlineData(nameof(Step.BirthMade))]
    [InlineData(nameof(Step.BirthLocked))]
    public async Task Of_two_servers_at_birth_the_one_that_is_stopped_before_it_can_be_seen_is_refused(string step)
    {
        using var scene = new Scene();
        PeerProcess slow = await scene.FaultyAsync(step, "stop");
        slow.Tell($"server {scene.Channel}");
        await slow.HearAsync("stops");
        await HoldAsync(scene, slow, posts: false);
        PeerProcess quick = await scene.ServerAsync();
        slow.GoOn();
        await slow.HearAsync("error ChannelInUseException");
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeHundredAsync(quick);
        await scene.EndAsync(quick, client);
    }

    [Theory]
    [MemberData(nameof(BirthAndHome))]
    public async Task A_server_that_is_stopped_in_birth_keeps_its_channel(string step, bool posts)
    {
        using var scene = new Scene();
        PeerProcess client = scene.StartClient();
        PeerProcess server = await scene.FaultyAsync(step, "stop");
        server.Tell($"server {scene.Channel}");
        await GoOnAsync(scene, server, posts, "created");
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }

    [Theory]
    [MemberData(nameof(Adoption))]
    public async Task A_server_that_is_stopped_while_it_adopts_keeps_its_channel(string step, bool posts)
    {
        using var scene = new Scene();
        PeerProcess first = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeOneAsync(first);
        first.Kill();
        PeerProcess server = await scene.FaultyAsync(step, "stop");
        server.Tell($"server {scene.Channel}");
        await server.HearAsync("stops");
        await HoldAsync(scene, server, posts);

        // Between its lock and its first word in CTRL the process id there still is its predecessor's.
        AssertInUseBy(scene, server, first);
        server.GoOn();
        await server.HearAsync("created");
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }

    [Theory]
    [MemberData(nameof(ReHoming))]
    public async Task A_server_that_is_stopped_while_it_moves_keeps_its_channel(string step, bool posts)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeOneAsync(server);
        await Scene.ArmAsync(server, step, "stop");
        server.Tell("reset");
        await GoOnAsync(scene, server, posts, "reset");
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_is_stopped_when_it_has_made_a_removed_control_segment_anew_keeps_its_channel(bool posts)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeOneAsync(server);
        SharedMemory.Delete(new ChannelName(scene.Channel).ControlSegment);
        await Scene.ArmAsync(server, nameof(Step.ControlReplaced), "stop");
        server.Tell("reset");
        await GoOnAsync(scene, server, posts, "reset");
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }

    [Theory]
    [MemberData(nameof(Request))]
    public async Task A_server_that_is_stopped_with_a_request_gets_its_answer(string step, bool posts)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeOneAsync(server);
        await Scene.ArmAsync(server, step, "stop");
        server.Tell("ask wanted-98765");
        await GoOnAsync(scene, server, posts, "answer right");
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }

    [Theory]
    [InlineData(nameof(Step.WithdrawTicketCleared), false)]
    [InlineData(nameof(Step.WithdrawTicketCleared), true)]
    [InlineData(nameof(Step.WithdrawPendingCleared), false)]
    [InlineData(nameof(Step.WithdrawPendingCleared), true)]
    public async Task A_server_that_is_stopped_while_it_withdraws_goes_on_with_the_next_request(string step, bool posts)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        await Scene.ArmAsync(server, step, "stop");
        server.Tell("ask nobody-5 timeout=50");
        await GoOnAsync(scene, server, posts, "error TimeoutException");
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }

    [Theory]
    [InlineData(nameof(Step.CloseStateWritten))]
    [InlineData(nameof(Step.CloseHomeUnlinked))]
    public async Task A_server_that_is_stopped_on_its_way_out_keeps_its_channel_until_it_is_out(string step)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        await Scene.ArmAsync(server, step, "stop");
        server.Tell("close");
        await GoOnAsync(scene, server, posts: false, "closed");
        PeerProcess next = await scene.ServerAsync();
        await Scene.ExchangeHundredAsync(next);
        await scene.EndAsync(next, client);
    }

    [Theory]
    [InlineData(nameof(Step.CloseControlUnlinked))]
    [InlineData(nameof(Step.ClosePosted))]
    public async Task A_server_that_is_stopped_when_its_names_are_gone_is_in_nobodys_way(string step)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        await Scene.ArmAsync(server, step, "stop");
        server.Tell("close");
        await server.HearAsync("stops");
        await HoldAsync(scene, server, posts: false);
        PeerProcess next = await scene.ServerAsync();
        await Scene.ExchangeHundredAsync(next);
        server.GoOn();
        await server.HearAsync("closed");
        await Scene.ExchangeHundredAsync(next);
        await scene.EndAsync(next, client);
    }

    private static async Task GoOnAsync(Scene scene, PeerProcess server, bool posts, string outcome)
    {
        await server.HearAsync("stops");
        await HoldAsync(scene, server, posts);
        AssertInUseBy(scene, server);
        server.GoOn();
        await server.HearAsync(outcome);
    }
}
