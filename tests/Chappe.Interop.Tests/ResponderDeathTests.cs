namespace Chappe.Interop.Tests;

/// <summary>A responder dies at a step, its requester in another language lives.</summary>
public sealed class ResponderDeathTests
{
    public static TheoryData<string, string, string> Attaching => Steps.WithDeaths(Steps.Attaching);

    public static TheoryData<string, string, string> Answering => Steps.WithDeaths(Steps.Answering);

    public static TheoryData<string, string, string> Taken => Steps.WithDeaths(Steps.Taken);

    public static TheoryData<string, string, string> Done => Steps.WithDeaths(Steps.Done);

    public static TheoryData<string, string, string> Following => Steps.WithDeaths(["FollowOpened"]);

    [Theory]
    [MemberData(nameof(Attaching))]
    public async Task A_responder_that_dies_while_it_attaches_leaves_the_request_to_the_next(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(survivorLanguage);
        Task<string> outcome = requester.AskAsync(Folder.Wanted);
        await scene.StartResponder(victimLanguage, dieAt: step).DeathAsync();
        ResponderPeer next = scene.StartResponder(survivorLanguage);
        RequesterPeer.AssertRight(Folder.Wanted, await outcome);
        await requester.ExchangeHundredAsync();
        await scene.EndAsync(requester, next);
    }

    [Theory]
    [MemberData(nameof(Answering))]
    public async Task A_request_of_a_responder_that_dies_is_answered_by_the_stand_by(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(survivorLanguage);
        ResponderPeer victim = await scene.ResponderAsync(victimLanguage, dieAt: step);
        ResponderPeer standBy = scene.StartResponder(survivorLanguage);
        await standBy.HearAsync("standing-by");
        await requester.AskRightAsync(Folder.First);

        // A request may be seen without its post being taken: the second post may be that of a later one.
        Task death = victim.DeathAsync();
        do
        {
            await requester.AskRightAsync(Folder.Wanted);
        }
        while (!death.IsCompleted);
        await death;
        await requester.ExchangeHundredAsync();
        await scene.EndAsync(requester, standBy);
    }

    [Theory]
    [MemberData(nameof(Taken))]
    public async Task A_caller_that_wants_to_know_is_told_that_its_responder_died(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(survivorLanguage, "--lost");
        ResponderPeer victim = await scene.ResponderAsync(victimLanguage, dieAt: step);
        await requester.AskRightAsync(Folder.First);
        string outcome = await requester.AskAsync(Folder.Wanted);
        Assert.StartsWith($"error lost {Folder.Wanted}: ", outcome, StringComparison.Ordinal);
        Assert.Contains($"{victim.Id}", outcome, StringComparison.Ordinal);
        ResponderPeer next = scene.StartResponder(survivorLanguage);
        await requester.ExchangeHundredAsync();
        await scene.EndAsync(requester, next);
    }

    [Theory]
    [MemberData(nameof(Done))]
    public async Task An_answer_that_was_whole_before_its_responder_died_is_delivered(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(survivorLanguage, "--lost");
        ResponderPeer victim = await scene.ResponderAsync(victimLanguage, dieAt: step);
        await requester.AskRightAsync(Folder.First);
        await requester.AskRightAsync(Folder.Wanted);
        await victim.DeathAsync();
        ResponderPeer next = scene.StartResponder(survivorLanguage);
        await requester.ExchangeHundredAsync();
        await scene.EndAsync(requester, next);
    }

    [Theory]
    [MemberData(nameof(Following))]
    public async Task A_responder_that_dies_while_it_follows_its_requester_to_a_new_home_is_replaced(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        RequesterPeer first = await scene.RequesterAsync(survivorLanguage);
        ResponderPeer victim = await scene.ResponderAsync(victimLanguage, dieAt: step);
        await first.AskRightAsync(Folder.First);
        first.Kill();

        // The next requester has the lock and finds a name missing: it makes the channel a new home.
        RequesterPeer requester = scene.StartRequester(survivorLanguage, stopAt: "AdoptLocked");
        await requester.StopAsync();
        scene.Unlink("HEAD");
        requester.GoOn();
        await requester.HearAsync("open");
        await victim.DeathAsync();
        ResponderPeer next = scene.StartResponder(survivorLanguage);
        await requester.ExchangeHundredAsync();
        await scene.EndAsync(requester, next);
    }
}
