namespace Chappe.Interop.Tests;

/// <summary>A requester dies at a step, its responder in another language lives: another requester takes the channel, and the responder goes on.</summary>
public sealed class RequesterDeathTests
{
    public static TheoryData<string, string, string> Birth => Steps.WithDeaths(Steps.Birth);

    public static TheoryData<string, string, string> Adoption => Steps.WithDeaths(Steps.Adoption);

    public static TheoryData<string, string, string> ReHoming => Steps.WithDeaths(Steps.ReHoming);

    public static TheoryData<string, string, string> Asking => Steps.WithDeaths(Steps.Asking);

    public static TheoryData<string, string, string> Withdrawal => Steps.WithDeaths(Steps.Withdrawal);

    public static TheoryData<string, string, string> Closing => Steps.WithDeaths(Steps.Closing);

    public static TheoryData<string, string, string> BasicAnswer => Steps.WithDeaths(Steps.BasicAnswer);

    [Theory]
    [MemberData(nameof(Birth))]
    public async Task A_requester_that_dies_in_birth_leaves_a_channel_that_the_next_can_have(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        ResponderPeer responder = scene.StartResponder(survivorLanguage);
        await responder.HearAsync("waiting");
        await scene.StartRequester(victimLanguage, dieAt: step).DeathAsync();
        await ReplaceAsync(scene, survivorLanguage, responder);
    }

    [Theory]
    [MemberData(nameof(Adoption))]
    public async Task A_requester_that_dies_while_it_adopts_is_followed_by_a_third(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        RequesterPeer first = await scene.RequesterAsync(survivorLanguage);
        ResponderPeer responder = await scene.ResponderAsync(survivorLanguage);
        await first.AskRightAsync(Folder.First);
        first.Kill();
        await scene.StartRequester(victimLanguage, dieAt: step).DeathAsync();
        await ReplaceAsync(scene, survivorLanguage, responder);
    }

    [Theory]
    [MemberData(nameof(ReHoming))]
    public async Task A_requester_that_dies_while_it_moves_to_a_new_home_is_replaced(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        RequesterPeer victim = await scene.RequesterAsync(victimLanguage, dieAt: step);
        scene.Unlink("DATA");
        victim.Tell(Folder.Wanted);
        await victim.DeathAsync();
        await ReplaceAsync(scene, survivorLanguage, scene.StartResponder(survivorLanguage));
    }

    [Theory]
    [MemberData(nameof(Asking))]
    public async Task A_requester_that_dies_with_a_request_of_its_own_is_replaced(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        RequesterPeer victim = await scene.RequesterAsync(victimLanguage, dieAt: step);
        ResponderPeer responder = await scene.ResponderAsync(survivorLanguage);
        await victim.AskRightAsync(Folder.First);
        await victim.TellUntilItStrikesAsync(Folder.Wanted);
        await victim.DeathAsync();
        await ReplaceAsync(scene, survivorLanguage, responder);
    }

    [Theory]
    [MemberData(nameof(Withdrawal))]
    public async Task A_requester_that_dies_while_it_withdraws_what_nobody_took_is_replaced(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        RequesterPeer victim = await scene.RequesterAsync(victimLanguage, "--timeout 50", step);
        victim.Tell(Folder.Wanted);
        await victim.DeathAsync();
        await ReplaceAsync(scene, survivorLanguage, scene.StartResponder(survivorLanguage));
    }

    [Theory]
    [MemberData(nameof(Closing))]
    public async Task A_requester_that_dies_on_its_way_out_leaves_a_channel_that_the_next_can_have(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        RequesterPeer victim = await scene.RequesterAsync(victimLanguage, dieAt: step);
        ResponderPeer responder = await scene.ResponderAsync(survivorLanguage);
        await victim.AskRightAsync(Folder.First);
        victim.EndInput();
        await victim.DeathAsync();
        await ReplaceAsync(scene, survivorLanguage, responder);
    }

    [Theory]
    [MemberData(nameof(BasicAnswer))]
    public async Task A_requester_that_dies_as_it_accepts_a_basic_answer_is_replaced(string step, string victimLanguage, string survivorLanguage)
    {
        using var scene = new Scene();
        RequesterPeer victim = await scene.RequesterAsync(victimLanguage, dieAt: step);
        PeerProcess basic = scene.StartBasic($"client --channel {scene.Channel} --unlink-on-exit no {Folder.Path}");
        await victim.AskRightAsync(Folder.First);
        victim.Tell(Folder.Wanted);
        await victim.DeathAsync();
        basic.Kill();
        await ReplaceAsync(scene, survivorLanguage, scene.StartResponder(survivorLanguage));
    }

    private static async Task ReplaceAsync(Scene scene, string language, ResponderPeer responder)
    {
        RequesterPeer next = await scene.RequesterAsync(language);
        await next.AskRightAsync(Folder.Wanted);
        await next.ExchangeHundredAsync();
        await scene.EndAsync(next, responder);
    }
}
