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
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeOneAsync(server);
        Unlink(scene, name);
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_that_vanishes_while_a_request_is_in_hand_costs_no_answer(string name)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync("verbose=1 slow=200");
        server.Tell("ask wanted-98765");
        await client.HearAsync("in-hand");
        Unlink(scene, name);
        await server.HearAsync("answer right");
        client.Kill();
        PeerProcess next = scene.StartClient();
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, next);
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("DATA")]
    [InlineData("REQ")]
    [InlineData("RES")]
    public async Task A_name_that_vanishes_before_a_client_is_there_is_made_again_for_it(string name)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        server.Tell("ask wanted-98765");
        Unlink(scene, name);
        PeerProcess client = scene.StartClient();
        long start = Output.Now;
        string answer = await server.HearAsync("answer right");
        Scene.AssertLearned(start, PeerProcess.Moment(answer, 2), $"the first answer after {name} was gone", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }

    private static void Unlink(Scene scene, string name)
    {
        foreach (string file in scene.Names().Where(file => name == "all" || file.EndsWith(name, StringComparison.Ordinal)).ToList())
        {
            File.Delete(file);
        }
    }
}
