namespace Chappe.Interop.Tests;

/// <summary>One language takes over from another.</summary>
public sealed class TakeoverTests
{
    private const int GenerationOffset = 16;

    public static TheoryData<string, string> Pairs => Language.Pairs;

    public static TheoryData<string> Each => [.. Language.Each];

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_server_adopts_the_channel_of_one_that_was_killed_and_the_client_stays_attached(string deadLanguage, string adopterLanguage)
    {
        using var scene = new Scene();
        ServerPeer dead = await scene.ServerAsync(deadLanguage);
        ClientPeer client = await scene.ClientAsync(deadLanguage);
        await dead.AskRightAsync(Folder.First);
        Dictionary<string, ulong> inodes = await scene.InodesAsync();
        dead.Kill();
        ServerPeer adopter = await scene.ServerAsync(adopterLanguage);
        await adopter.ExchangeHundredAsync();
        Assert.Equal(inodes, await scene.InodesAsync());
        Assert.Single(client.Heard.Split('\n'), line => line.StartsWith("attached", StringComparison.Ordinal));
        await scene.EndAsync(adopter, client);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task An_adopter_waits_for_the_answer_that_a_living_client_has_in_hand(string adopterLanguage, string clientLanguage)
    {
        using var scene = new Scene();
        ServerPeer dead = await scene.ServerAsync(adopterLanguage);
        ClientPeer client = scene.StartClient(clientLanguage, stopAt: "NameRead");
        await client.AttachedAsync();
        dead.Tell(Folder.First);
        await client.StopAsync();
        dead.Kill();
        Dictionary<string, ulong> inodes = await scene.InodesAsync();
        ServerPeer adopter = await scene.ServerAsync(adopterLanguage);
        Task<string> outcome = adopter.AskAsync(Folder.Wanted);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.False(outcome.IsCompleted);
        client.GoOn();
        ServerPeer.AssertRight(Folder.Wanted, await outcome);
        Assert.Equal(inodes, await scene.InodesAsync());
        await adopter.ExchangeHundredAsync();
        await scene.EndAsync(adopter, client);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_stand_by_takes_over_from_a_client_that_was_killed(string firstLanguage, string standByLanguage)
    {
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(firstLanguage);
        ClientPeer first = await scene.ClientAsync(firstLanguage);
        ClientPeer standBy = scene.StartClient(standByLanguage);
        await standBy.HearAsync("standing-by");
        await server.AskRightAsync(Folder.First);
        first.Kill();
        await server.AskRightAsync(Folder.Wanted);
        await standBy.AttachedAsync();
        await server.ExchangeHundredAsync();
        await scene.EndAsync(server, standBy);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Names_that_vanish_before_a_client_is_there_are_made_again(string serverLanguage, string clientLanguage)
    {
        foreach (string name in (string[])["HEAD", "DATA", "REQ", "RES", "CTRL"])
        {
            using var scene = new Scene();
            ServerPeer server = await scene.ServerAsync(serverLanguage);
            Task<string> outcome = server.AskAsync(Folder.Wanted);
            scene.Unlink(name);
            ClientPeer client = scene.StartClient(clientLanguage);
            ServerPeer.AssertRight(Folder.Wanted, await outcome);
            await server.AskRightAsync(Folder.First);
            await scene.EndAsync(server, client);
        }
    }

    [Theory]
    [MemberData(nameof(Each))]
    public async Task A_home_after_the_last_generation_is_one_that_a_client_attaches_to(string language)
    {
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(language);
        using (FileStream control = File.OpenWrite($"/dev/shm/SEG_{scene.Channel}_CTRL"))
        {
            control.Position = GenerationOffset;
            control.Write(BitConverter.GetBytes(ulong.MaxValue));
        }

        File.Delete($"/dev/shm/SEG_{scene.Channel}_HEAD");
        Task<string> outcome = server.AskAsync(Folder.Wanted);
        ClientPeer client = scene.StartClient(language);
        ServerPeer.AssertRight(Folder.Wanted, await outcome);
        await server.ExchangeHundredAsync();
        await scene.EndAsync(server, client);
    }
}
