using Chappe.FaultPeer;

namespace Chappe.FaultTests;

/// <summary>The names of a channel vanish under its living owner.</summary>
public sealed class UnlinkedNamesTests
{
    public static TheoryData<string> Names { get; } = ["HEAD", "DATA", "REQ", "RES", "CTRL", "all"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_that_vanishes_while_nothing_is_asked_costs_no_exchange(string name)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeOneAsync(requester);
        Unlink(scene, name);
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_that_vanishes_while_a_request_is_in_hand_costs_no_answer(string name)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync("verbose=1 slow=200");
        requester.Tell("ask wanted-98765");
        await responder.HearAsync("in-hand");
        Unlink(scene, name);
        await requester.HearAsync("answer right");
        responder.Kill();
        PeerProcess next = scene.StartResponder();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("DATA")]
    [InlineData("REQ")]
    [InlineData("RES")]
    public async Task A_name_that_vanishes_before_a_responder_is_there_is_made_again_for_it(string name)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        requester.Tell("ask wanted-98765");
        Unlink(scene, name);
        PeerProcess responder = scene.StartResponder();
        long start = Output.Now;
        string answer = await requester.HearAsync("answer right");
        Scene.AssertLearned(start, PeerProcess.Moment(answer, 2), $"the first answer after {name} was gone", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    private static void Unlink(Scene scene, string name)
    {
        foreach (string file in scene.Names().Where(file => name == "all" || file.EndsWith(name, StringComparison.Ordinal)).ToList())
        {
            File.Delete(file);
        }
    }
}
