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
            .SelectMany(language => Steps.AnsweringABasicServer.Select(step => (language, step))));

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_server_has_a_hundred_right_answers_of_a_basic_client(string language)
    {
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(language);
        PeerProcess client = scene.StartBasic($"client --channel {scene.Channel} --unlink-on-exit no {Folder.Path}");
        await server.ExchangeHundredAsync();
        await server.CloseAsync();
        Assert.Empty(scene.Names());

        // A post at the end, which an extended client needs, would be a request to this one.
        client.SignalToEnd();
        Assert.Equal(BasicEnd, await client.EndAsync());
        Assert.Equal(Folder.Hundred.Length, client.Heard.Split('\n').Length);
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_server_is_served_by_a_basic_client_that_was_first(string language)
    {
        using var scene = new Scene();
        PeerProcess client = scene.StartBasic($"client --channel {scene.Channel} --unlink-on-exit no {Folder.Path}");
        while (scene.Names().Count() < 2)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        ServerPeer server = await scene.ServerAsync(language);
        await server.ExchangeHundredAsync();
        client.Kill();
        await server.CloseAsync();
        Assert.Empty(scene.Names());
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_server_goes_on_in_a_new_home_when_a_basic_client_ends_and_unlinks_every_name(string language)
    {
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(language);
        for (int i = 0; i < 3; i++)
        {
            PeerProcess client = scene.StartBasic($"client --channel {scene.Channel} --unlink-on-exit yes {Folder.Path}");
            await server.AskRightAsync(Folder.Wanted);
            client.SignalToEnd();
            await client.EndAsync();
        }

        ClientPeer extended = scene.StartClient(language);
        await server.ExchangeHundredAsync();
        await scene.EndAsync(server, extended);
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_basic_client_that_still_works_on_a_request_past_its_deadline_is_left_behind_by_an_extended_one(string language)
    {
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(language, "--timeout 5000");
        scene.StartBasic($"client --channel {scene.Channel} --unlink-on-exit no --slow-ms 60000 {Folder.Path}");
        Assert.StartsWith($"error timeout {Folder.Wanted}: ", await server.AskAsync(Folder.Wanted), StringComparison.Ordinal);
        ClientPeer extended = await scene.ClientAsync(language);
        await server.ExchangeHundredAsync();
        await scene.EndAsync(server, extended);
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_client_answers_a_basic_server_whoever_is_first(string language)
    {
        using var scene = new Scene();
        ClientPeer client = scene.StartClient(language);
        await client.HearAsync("waiting");
        await AskAsBasicServerAsync(scene);
        await AskAsBasicServerAsync(scene);
        await client.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_client_with_a_camera_sends_a_basic_server_its_pixels(string language)
    {
        using var scene = new Scene();
        ClientPeer client = scene.StartClient(language, "--frame 640x480x3");
        PeerProcess server = scene.StartBasic($"server --channel {scene.Channel} --timeout 30 --repeat 3 frame");
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal($"frame 921600 640 480 3 {Payload.HashOf(AnswerTests.FrameOf("frame", 921600)):x16}", await server.HearAsync("frame"));
        }

        Assert.Equal(0, await server.EndAsync());
        await client.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_client_that_lacks_what_a_basic_server_wants_sends_an_empty_answer(string language)
    {
        using var scene = new Scene();
        ClientPeer client = scene.StartClient(language);
        PeerProcess server = scene.StartBasic($"server --channel {scene.Channel} --timeout 30 nowhere {Folder.First}");
        Assert.StartsWith("nowhere 0 0 0 0 ", await server.HearAsync("nowhere"), StringComparison.Ordinal);
        Assert.Equal(RightLine(Folder.First), await server.HearAsync("first"));
        Assert.Equal(0, await server.EndAsync());
        await client.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_client_goes_on_with_the_basic_server_after_one_that_was_killed_and_then_with_an_extended_one(string language)
    {
        using var scene = new Scene();
        ClientPeer client = scene.StartClient(language);
        PeerProcess dead = scene.StartBasic($"server --channel {scene.Channel} --pause-ms 60000 --timeout 30 {Folder.First} {Folder.Wanted}");
        Assert.Equal(RightLine(Folder.First), await dead.HearAsync("first"));
        dead.Kill();
        await AskAsBasicServerAsync(scene);
        Assert.Empty(scene.Names());
        ServerPeer server = await scene.ServerAsync("C#");
        await server.ExchangeHundredAsync();
        await scene.EndAsync(server, client);
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_basic_server_whose_client_dies_ends_at_its_deadline_and_the_next_pair_exchanges(string language, string step)
    {
        using var scene = new Scene();
        ClientPeer victim = scene.StartClient(language, dieAt: step);
        await victim.HearAsync("waiting");
        PeerProcess server = scene.StartBasic($"server --channel {scene.Channel} --timeout 3 {Folder.Wanted}");
        await victim.DeathAsync();
        Assert.Equal(BasicTimeout, await server.EndAsync());
        ClientPeer next = scene.StartClient(language);
        await AskAsBasicServerAsync(scene);
        await next.CloseAsync();
        Assert.Empty(scene.Names());
    }

    private static async Task AskAsBasicServerAsync(Scene scene)
    {
        PeerProcess server = scene.StartBasic($"server --channel {scene.Channel} --timeout 30 {string.Join(' ', Folder.Hundred)}");
        foreach (string name in Folder.Hundred)
        {
            Assert.Equal(RightLine(name), await server.HearAsync("hundred"));
        }

        Assert.Equal(0, await server.EndAsync());
    }

    /// <summary>The line that the basic server prints of a right answer.</summary>
    private static string RightLine(string name)
    {
        byte[] payload = Payload.Of(name);
        return $"{name} {payload.Length} 0 0 0 {Payload.HashOf(payload):x16}";
    }
}
