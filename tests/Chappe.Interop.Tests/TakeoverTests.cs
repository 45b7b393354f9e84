namespace Chappe.Interop.Tests;

/// <summary>One language takes over from another.</summary>
public sealed class TakeoverTests
{
    private const int GenerationOffset = 16;
    private const int StateOffset = 132;
    private const int HeaderInodeOffset = 136;
    private const int TraceLengthOffset = 192;

    public static TheoryData<string, string> Pairs => Language.Pairs;

    public static TheoryData<string> Each => [.. Language.Each];

    public static TheoryData<string> Maintained => [.. Language.Maintained];

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_requester_adopts_the_channel_of_one_that_was_killed_and_the_responder_stays_attached(string deadLanguage, string adopterLanguage)
    {
        using var scene = new Scene();
        RequesterPeer dead = await scene.RequesterAsync(deadLanguage);
        ResponderPeer responder = await scene.ResponderAsync(deadLanguage);
        await dead.AskRightAsync(Folder.First);
        Dictionary<string, ulong> inodes = await scene.InodesAsync();
        dead.Kill();
        RequesterPeer adopter = await scene.RequesterAsync(adopterLanguage);
        await adopter.ExchangeHundredAsync();
        Assert.Equal(inodes, await scene.InodesAsync());
        Assert.Single(responder.Heard.Split('\n'), line => line.StartsWith("attached", StringComparison.Ordinal));
        await scene.EndAsync(adopter, responder);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task An_adopter_waits_for_the_answer_that_a_living_responder_has_in_hand(string adopterLanguage, string responderLanguage)
    {
        using var scene = new Scene();
        RequesterPeer dead = await scene.RequesterAsync(adopterLanguage);
        ResponderPeer responder = scene.StartResponder(responderLanguage, stopAt: "NameRead");
        await responder.AttachedAsync();
        dead.Tell(Folder.First);
        await responder.StopAsync();
        dead.Kill();
        Dictionary<string, ulong> inodes = await scene.InodesAsync();
        RequesterPeer adopter = await scene.RequesterAsync(adopterLanguage);
        Task<string> outcome = adopter.AskAsync(Folder.Wanted);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.False(outcome.IsCompleted);
        responder.GoOn();
        RequesterPeer.AssertRight(Folder.Wanted, await outcome);
        Assert.Equal(inodes, await scene.InodesAsync());
        await adopter.ExchangeHundredAsync();
        await scene.EndAsync(adopter, responder);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_stand_by_takes_over_from_a_responder_that_was_killed(string firstLanguage, string standByLanguage)
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(firstLanguage);
        ResponderPeer first = await scene.ResponderAsync(firstLanguage);
        ResponderPeer standBy = scene.StartResponder(standByLanguage);
        await standBy.HearAsync("standing-by");
        await requester.AskRightAsync(Folder.First);
        first.Kill();
        await requester.AskRightAsync(Folder.Wanted);
        await standBy.AttachedAsync();
        await requester.ExchangeHundredAsync();
        await scene.EndAsync(requester, standBy);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Names_that_vanish_before_a_responder_is_there_are_made_again(string requesterLanguage, string responderLanguage)
    {
        foreach (string name in (string[])["HEAD", "DATA", "REQ", "RES", "CTRL"])
        {
            using var scene = new Scene();
            RequesterPeer requester = await scene.RequesterAsync(requesterLanguage);
            Task<string> outcome = requester.AskAsync(Folder.Wanted);
            scene.Unlink(name);
            ResponderPeer responder = scene.StartResponder(responderLanguage);
            RequesterPeer.AssertRight(Folder.Wanted, await outcome);
            await requester.AskRightAsync(Folder.First);
            await scene.EndAsync(requester, responder);
        }
    }

    [Theory]
    [MemberData(nameof(Each))]
    public async Task A_home_after_the_last_generation_is_one_that_a_responder_attaches_to(string language)
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(language);
        WriteControl(scene, GenerationOffset, BitConverter.GetBytes(ulong.MaxValue));
        File.Delete($"/dev/shm/SEG_{scene.Channel}_HEAD");
        Task<string> outcome = requester.AskAsync(Folder.Wanted);
        ResponderPeer responder = scene.StartResponder(language);
        RequesterPeer.AssertRight(Folder.Wanted, await outcome);
        await requester.ExchangeHundredAsync();
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [MemberData(nameof(Maintained))]
    public async Task What_a_peer_writes_over_the_home_in_the_control_segment_costs_the_next_request_no_answer(string language)
    {
        (int Offset, byte[] Word)[] lies =
        [
            (GenerationOffset, BitConverter.GetBytes(0UL)),
            (HeaderInodeOffset, BitConverter.GetBytes(7UL)),
            (StateOffset, BitConverter.GetBytes(3)),
        ];
        foreach ((int offset, byte[] word) in lies)
        {
            using var scene = new Scene();
            RequesterPeer requester = await scene.RequesterAsync(language);
            WriteControl(scene, offset, word);
            Task<string> outcome = requester.AskAsync(Folder.Wanted);
            ResponderPeer responder = scene.StartResponder(language);
            RequesterPeer.AssertRight(Folder.Wanted, await outcome);
            await requester.ExchangeHundredAsync();
            await scene.EndAsync(requester, responder);
        }
    }

    [Theory]
    [MemberData(nameof(Maintained))]
    public async Task What_a_requester_that_was_killed_said_of_its_trace_is_gone_when_the_next_has_its_channel(string language)
    {
        using var scene = new Scene();
        RequesterPeer dead = await scene.RequesterAsync(language);
        ResponderPeer responder = await scene.ResponderAsync(language);
        await dead.AskRightAsync(Folder.First);
        WriteControl(scene, TraceLengthOffset, [.. BitConverter.GetBytes(55), .. "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"u8]);
        dead.Kill();
        RequesterPeer adopter = await scene.RequesterAsync(language);
        Assert.Equal(0, BitConverter.ToInt32(File.ReadAllBytes(ControlOf(scene)), TraceLengthOffset));
        await adopter.ExchangeHundredAsync();
        await scene.EndAsync(adopter, responder);
    }

    private static string ControlOf(Scene scene) => $"/dev/shm/SEG_{scene.Channel}_CTRL";

    private static void WriteControl(Scene scene, int offset, byte[] bytes)
    {
        using FileStream control = File.OpenWrite(ControlOf(scene));
        control.Position = offset;
        control.Write(bytes);
    }
}
