using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

public sealed class RequesterStopTests : StopTests
{
    public static TheoryData<string, bool> BirthAndHome => QuietlyAndWithPosts([nameof(Step.BirthPublished)], Steps.Home);

    public static TheoryData<string, bool> Adoption => QuietlyAndWithPosts(Steps.Adoption);

    public static TheoryData<string, bool> ReHoming => QuietlyAndWithPosts(Steps.ReHoming, Steps.Home);

    public static TheoryData<string, bool> Request => QuietlyAndWithPosts(Steps.Asking, Steps.BeingAnswered);

    [Theory]
    [InlineData(nameof(Step.BirthMade))]
    [InlineData(nameof(Step.BirthLocked))]
    public async Task Of_two_requesters_at_birth_the_one_that_is_stopped_before_it_can_be_seen_is_refused(string step)
    {
        using var scene = new Scene();
        PeerProcess slow = await scene.FaultyAsync(step, "stop");
        slow.Tell($"requester {scene.Channel}");
        await slow.HearAsync("stops");
        await HoldAsync(scene, slow, posts: false);
        PeerProcess quick = await scene.RequesterAsync();
        slow.GoOn();
        await slow.HearAsync("error ChannelInUseException");
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(quick);
        await scene.EndAsync(quick, responder);
    }

    [Theory]
    [MemberData(nameof(BirthAndHome))]
    public async Task A_requester_that_is_stopped_in_birth_keeps_its_channel(string step, bool posts)
    {
        using var scene = new Scene();
        PeerProcess responder = scene.StartResponder();
        PeerProcess requester = await scene.FaultyAsync(step, "stop");
        requester.Tell($"requester {scene.Channel}");
        await GoOnAsync(scene, requester, posts, "created");
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [MemberData(nameof(Adoption))]
    public async Task A_requester_that_is_stopped_while_it_adopts_keeps_its_channel(string step, bool posts)
    {
        using var scene = new Scene();
        PeerProcess first = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeOneAsync(first);
        first.Kill();
        PeerProcess requester = await scene.FaultyAsync(step, "stop");
        requester.Tell($"requester {scene.Channel}");
        await requester.HearAsync("stops");
        await HoldAsync(scene, requester, posts);

        // Between its lock and its first word in CTRL the process id there still is its predecessor's.
        AssertInUseBy(scene, requester, first);
        requester.GoOn();
        await requester.HearAsync("created");
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [MemberData(nameof(ReHoming))]
    public async Task A_requester_that_is_stopped_while_it_moves_keeps_its_channel(string step, bool posts)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeOneAsync(requester);
        await Scene.ArmAsync(requester, step, "stop");
        requester.Tell("reset");
        await GoOnAsync(scene, requester, posts, "reset");
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_requester_that_is_stopped_when_it_has_made_a_removed_control_segment_anew_keeps_its_channel(bool posts)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeOneAsync(requester);
        SharedMemory.Delete(new ChannelName(scene.Channel).ControlSegment);
        await Scene.ArmAsync(requester, nameof(Step.ControlReplaced), "stop");
        requester.Tell("reset");
        await GoOnAsync(scene, requester, posts, "reset");
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [MemberData(nameof(Request))]
    public async Task A_requester_that_is_stopped_with_a_request_gets_its_answer(string step, bool posts)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeOneAsync(requester);
        await Scene.ArmAsync(requester, step, "stop");
        await requester.TellUntilItStrikesAsync("ask wanted-98765");
        await GoOnAsync(scene, requester, posts, "answer right");
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [InlineData(nameof(Step.WithdrawTicketCleared), false)]
    [InlineData(nameof(Step.WithdrawTicketCleared), true)]
    [InlineData(nameof(Step.WithdrawPendingCleared), false)]
    [InlineData(nameof(Step.WithdrawPendingCleared), true)]
    public async Task A_requester_that_is_stopped_while_it_withdraws_goes_on_with_the_next_request(string step, bool posts)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        await Scene.ArmAsync(requester, step, "stop");
        requester.Tell("ask untaken-5 timeout=50");
        await GoOnAsync(scene, requester, posts, "error TimeoutException");
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [InlineData(nameof(Step.CloseStateWritten))]
    [InlineData(nameof(Step.CloseHomeUnlinked))]
    public async Task A_requester_that_is_stopped_on_its_way_out_keeps_its_channel_until_it_is_out(string step)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ArmAsync(requester, step, "stop");
        requester.Tell("close");
        await GoOnAsync(scene, requester, posts: false, "closed");
        PeerProcess next = await scene.RequesterAsync();
        await Scene.ExchangeHundredAsync(next);
        await scene.EndAsync(next, responder);
    }

    [Theory]
    [InlineData(nameof(Step.CloseControlUnlinked))]
    [InlineData(nameof(Step.ClosePosted))]
    public async Task A_requester_that_is_stopped_when_its_names_are_gone_is_in_nobodys_way(string step)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ArmAsync(requester, step, "stop");
        requester.Tell("close");
        await requester.HearAsync("stops");
        await HoldAsync(scene, requester, posts: false);
        PeerProcess next = await scene.RequesterAsync();
        await Scene.ExchangeHundredAsync(next);
        requester.GoOn();
        await requester.HearAsync("closed");
        await Scene.ExchangeHundredAsync(next);
        await scene.EndAsync(next, responder);
    }

    private static async Task GoOnAsync(Scene scene, PeerProcess requester, bool posts, string outcome)
    {
        await requester.HearAsync("stops");
        await HoldAsync(scene, requester, posts);
        AssertInUseBy(scene, requester);
        requester.GoOn();
        await requester.HearAsync(outcome);
    }
}
