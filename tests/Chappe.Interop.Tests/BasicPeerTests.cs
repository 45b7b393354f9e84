using Chappe.FaultPeer;

namespace Chappe.Interop.Tests;

/// <summary>A peer in another language with one that speaks only the basic level.</summary>
public sealed class BasicPeerTests
{
    /// <summary>The exit status of the basic peer that SIGTERM ends in order.</summary>
    private const int BasicEnd = 143;

    private const int BasicTimeout = 2;

    public static TheoryData<string> Foreign => Language.Foreign;

    public static TheoryData<string, string> Deaths =>
        new(Language.Each.Where(language => language != "C#")
            .SelectMany(language => Steps.AnsweringABasicRequester.Select(step => (language, step))));

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_requester_has_a_hundred_right_answers_of_a_basic_responder(string language)
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(language);
        PeerProcess responder = scene.StartBasic($"client --channel {scene.Channel} --unlink-on-exit no {Folder.Path}");
        await requester.ExchangeHundredAsync();
        await requester.CloseAsync();
        Assert.Empty(scene.Names());

        // A post at the end, which an extended responder needs, would be a request to this one.
        responder.SignalToEnd();
        Assert.Equal(BasicEnd, await responder.EndAsync());
        Assert.Equal(Folder.Hundred.Length, responder.Heard.Split('\n').Length);
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_requester_is_served_by_a_basic_responder_that_was_first(string language)
    {
        using var scene = new Scene();
        PeerProcess responder = scene.StartBasic($"client --channel {scene.Channel} --unlink-on-exit no {Folder.Path}");
        while (scene.Names().Count() < 2)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        RequesterPeer requester = await scene.RequesterAsync(language);
        await requester.ExchangeHundredAsync();
        responder.Kill();
        await requester.CloseAsync();
        Assert.Empty(scene.Names());
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_requester_goes_on_in_a_new_home_when_a_basic_responder_ends_and_unlinks_every_name(string language)
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(language);
        for (int i = 0; i < 3; i++)
        {
            PeerProcess responder = scene.StartBasic($"client --channel {scene.Channel} --unlink-on-exit yes {Folder.Path}");
            await requester.AskRightAsync(Folder.Wanted);
            responder.SignalToEnd();
            await responder.EndAsync();
        }

        ResponderPeer extended = scene.StartResponder(language);
        await requester.ExchangeHundredAsync();
        await scene.EndAsync(requester, extended);
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_basic_responder_that_still_works_on_a_request_past_its_deadline_is_left_behind_by_an_extended_one(string language)
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(language, "--timeout 5000");
        scene.StartBasic($"client --channel {scene.Channel} --unlink-on-exit no --slow-ms 60000 {Folder.Path}");
        Assert.StartsWith($"error timeout {Folder.Wanted}: ", await requester.AskAsync(Folder.Wanted), StringComparison.Ordinal);
        ResponderPeer extended = await scene.ResponderAsync(language);
        await requester.ExchangeHundredAsync();
        await scene.EndAsync(requester, extended);
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_responder_answers_a_basic_requester_whoever_is_first(string language)
    {
        using var scene = new Scene();
        ResponderPeer responder = scene.StartResponder(language);
        await responder.HearAsync("waiting");
        await AskAsBasicRequesterAsync(scene);
        await AskAsBasicRequesterAsync(scene);
        await responder.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_responder_with_a_camera_sends_a_basic_requester_its_pixels(string language)
    {
        using var scene = new Scene();
        ResponderPeer responder = scene.StartResponder(language, "--frame 640x480x3");
        PeerProcess requester = scene.StartBasic($"server --channel {scene.Channel} --timeout 30 --repeat 3 frame");
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal($"frame 921600 640 480 3 {Payload.HashOf(AnswerTests.FrameOf("frame", 921600)):x16}", await requester.HearAsync("frame"));
        }

        Assert.Equal(0, await requester.EndAsync());
        await responder.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_responder_that_lacks_what_a_basic_requester_wants_sends_an_empty_answer(string language)
    {
        using var scene = new Scene();
        ResponderPeer responder = scene.StartResponder(language);
        PeerProcess requester = scene.StartBasic($"server --channel {scene.Channel} --timeout 30 nowhere {Folder.First}");
        Assert.StartsWith("nowhere 0 0 0 0 ", await requester.HearAsync("nowhere"), StringComparison.Ordinal);
        Assert.Equal(RightLine(Folder.First), await requester.HearAsync("first"));
        Assert.Equal(0, await requester.EndAsync());
        await responder.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_responder_goes_on_with_the_basic_requester_after_one_that_was_killed_and_then_with_an_extended_one(string language)
    {
        using var scene = new Scene();
        ResponderPeer responder = scene.StartResponder(language);
        PeerProcess dead = scene.StartBasic($"server --channel {scene.Channel} --pause-ms 60000 --timeout 30 {Folder.First} {Folder.Wanted}");
        Assert.Equal(RightLine(Folder.First), await dead.HearAsync("first"));
        dead.Kill();
        await AskAsBasicRequesterAsync(scene);
        Assert.Empty(scene.Names());
        RequesterPeer requester = await scene.RequesterAsync("C#");
        await requester.ExchangeHundredAsync();
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_basic_requester_whose_responder_dies_ends_at_its_deadline_and_the_next_pair_exchanges(string language, string step)
    {
        using var scene = new Scene();
        ResponderPeer victim = scene.StartResponder(language, dieAt: step);
        await victim.HearAsync("waiting");
        PeerProcess requester = scene.StartBasic($"server --channel {scene.Channel} --timeout 3 {Folder.Wanted}");
        await victim.DeathAsync();
        Assert.Equal(BasicTimeout, await requester.EndAsync());
        ResponderPeer next = scene.StartResponder(language);
        await AskAsBasicRequesterAsync(scene);
        await next.CloseAsync();
        Assert.Empty(scene.Names());
    }

    /// <summary>The post that wakes it is an extended requester's, which uses the semaphores that the basic one left behind.</summary>
    [Theory]
    [InlineData("C#")]
    [InlineData("C")]
    public async Task A_responder_of_a_basic_requester_attaches_at_the_extended_level_to_the_requester_that_follows_it(string language)
    {
        using var scene = new Scene();
        ResponderPeer responder = scene.StartResponder(language);
        PeerProcess dead = scene.StartBasic($"server --channel {scene.Channel} --pause-ms 60000 --timeout 30 {Folder.First} {Folder.Wanted}");
        Assert.Equal(RightLine(Folder.First), await dead.HearAsync("first"));
        dead.Kill();
        responder.Signal(PeerProcess.Stop);
        await responder.StoppedAsync();
        scene.Unlink("_HEAD");
        scene.Unlink("_DATA");

        RequesterPeer requester = scene.StartRequester("C#", stopAt: "AskPosted");
        requester.Tell(Folder.Wanted);
        await requester.StopAsync();
        responder.GoOn();
        requester.GoOn();
        string outcome = await requester.OutcomeAsync();
        RequesterPeer.AssertRight(Folder.Wanted, outcome);
        Assert.StartsWith("answer extended ", outcome, StringComparison.Ordinal);
        await scene.EndAsync(requester, responder);
    }

    private static async Task AskAsBasicRequesterAsync(Scene scene)
    {
        PeerProcess requester = scene.StartBasic($"server --channel {scene.Channel} --timeout 30 {string.Join(' ', Folder.Hundred)}");
        foreach (string name in Folder.Hundred)
        {
            Assert.Equal(RightLine(name), await requester.HearAsync("hundred"));
        }

        Assert.Equal(0, await requester.EndAsync());
    }

    /// <summary>The line that the basic requester prints of a right answer.</summary>
    private static string RightLine(string name)
    {
        byte[] payload = Payload.Of(name);
        return $"{name} {payload.Length} 0 0 0 {Payload.HashOf(payload):x16}";
    }
}
