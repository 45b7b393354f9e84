namespace Chappe.Interop.Tests;

/// <summary>A client dies at a step, its server in another language lives.</summary>
public sealed class ClientDeathTests
{
    public static TheoryData<string, string, string> Attaching => Steps.WithDeaths(Steps.Attaching);

    public static TheoryData<string, string, string> Answering => Steps.WithDeaths(Steps.Answering);

    public static TheoryData<string, string, string> Taken => Steps.WithDeaths(Steps.Taken);

    public static TheoryData<string, string, string> Done => Steps.WithDeaths(Steps.Done);

    public static TheoryData<string, string, string> Following => Steps.WithDeaths(["FollowOpened"]);

    [Theory]
    [MemberData(nameof(Attaching))]
    public async Task A_client_that_dies_while_it_attaches_leaves_the_request_to_the_next(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(survivorLanguage);
        Task<string> outcome = server.AskAsync(Folder.Wanted);
        await scene.StartClient(victimLanguage, dieAt: step).DeathAsync();
        ClientPeer next = scene.StartClient(survivorLanguage);
        ServerPeer.AssertRight(Folder.Wanted, await outcome);
        await server.ExchangeHundredAsync();
        await scene.EndAsync(server, next);
    }

    [Theory]
    [MemberData(nameof(Answering))]
    public async Task A_request_of_a_client_that_dies_is_answered_by_the_stand_by(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(survivorLanguage);
        ClientPeer victim = await scene.ClientAsync(victimLanguage, dieAt: step);
        ClientPeer standBy = scene.StartClient(survivorLanguage);
        await standBy.HearAsync("standing-by");
        await server.AskRightAsync(Folder.First);

        // A request may be seen without its post being taken: the second post may be that of a later one.
        Task death = victim.DeathAsync();
        do
        {
            await server.AskRightAsync(Folder.Wanted);
        }
        while (!death.IsCompleted);
        await death;
        await server.ExchangeHundredAsync();
        await scene.EndAsync(server, standBy);
    }

    [Theory]
    [MemberData(nameof(Taken))]
    public async Task A_caller_that_wants_to_know_is_told_that_its_client_died(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(survivorLanguage, "--lost");
        ClientPeer victim = await scene.ClientAsync(victimLanguage, dieAt: step);
        await server.AskRightAsync(Folder.First);
        string outcome = await server.AskAsync(Folder.Wanted);
        Assert.StartsWith($"error lost {Folder.Wanted}: ", outcome, StringComparison.Ordinal);
        Assert.Contains($"{victim.Id}", outcome, StringComparison.Ordinal);
        ClientPeer next = scene.StartClient(survivorLanguage);
        await server.ExchangeHundredAsync();
        await scene.EndAsync(server, next);
    }

    [Theory]
    [MemberData(nameof(Done))]
    public async Task An_answer_that_was_whole_before_its_client_died_is_delivered(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(survivorLanguage, "--lost");
        ClientPeer victim = await scene.ClientAsync(victimLanguage, dieAt: step);
        await server.AskRightAsync(Folder.First);
        await server.AskRightAsync(Folder.Wanted);
        await victim.DeathAsync();
        ClientPeer next = scene.StartClient(survivorLanguage);
        await server.ExchangeHundredAsync();
        await scene.EndAsync(server, next);
    }

    [Theory]
    [MemberData(nameof(Following))]
    public async Task A_client_that_dies_while_it_follows_its_server_to_a_new_home_is_replaced(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        ServerPeer first = await scene.ServerAsync(survivorLanguage);
        ClientPeer victim = await scene.ClientAsync(victimLanguage, dieAt: step);
        await first.AskRightAsync(Folder.First);
        first.Kill();

        // The next server has the lock and finds a name missing: it makes the channel a new home.
        ServerPeer server = scene.StartServer(survivorLanguage, stopAt: "AdoptLocked");
        await server.StopAsync();
        scene.Unlink("HEAD");
        server.GoOn();
        await server.HearAsync("open");
        await victim.DeathAsync();
        ClientPeer next = scene.StartClient(survivorLanguage);
        await server.ExchangeHundredAsync();
        await scene.EndAsync(server, next);
    }
}
