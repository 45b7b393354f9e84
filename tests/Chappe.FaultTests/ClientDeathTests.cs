using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>A client dies at a step, its extended server lives: its request goes to the next client, or the caller is told.</summary>
public sealed class ClientDeathTests
{
    public static TheoryData<string> Attaching => Steps.Of(Steps.Attaching);

    public static TheoryData<string> Request => Steps.Of(Steps.BeforeTaking, Steps.Taken, Steps.Done);

    public static TheoryData<string> BeforeTaking => Steps.Of(Steps.BeforeTaking);

    public static TheoryData<string> Taken => Steps.Of(Steps.Taken);

    public static TheoryData<string> Done => Steps.Of(Steps.Done);

    [Theory]
    [MemberData(nameof(Attaching))]
    public async Task A_client_that_dies_while_it_attaches_leaves_the_request_to_the_next(string step)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        server.Tell("ask early-4321");
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        victim.Tell($"client {scene.Channel}");
        await victim.DeathAsync();
        long start = FaultPeer.Output.Now;
        PeerProcess next = scene.StartClient();
        await AnsweredAsync(server, start, "the next client has answered", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, next);
    }

    [Theory]
    [MemberData(nameof(Attaching))]
    public async Task A_stand_by_that_dies_while_it_takes_over_leaves_the_request_to_the_next_stand_by(string step)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess first = await scene.ClientAsync("slow=60000 verbose=1");
        PeerProcess victim = await scene.FaultyAsync(step, "die");
        await victim.AskAsync($"client {scene.Channel}", "state StandingBy");
        server.Tell("ask wanted-4321");
        await first.HearAsync("in-hand");
        first.Kill();
        long death = await victim.DeathAsync();
        PeerProcess next = scene.StartClient();
        await AnsweredAsync(server, death, "the client after the stand-by has answered", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, next);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_dies_while_it_follows_its_server_to_a_new_home_leaves_the_request_to_the_next(bool hasStandBy)
    {
        using var scene = new Scene();
        (PeerProcess server, PeerProcess victim) = await ExchangeAsync(scene);
        PeerProcess? next = hasStandBy ? await scene.StandByAsync() : null;
        await Scene.ArmAsync(victim, nameof(Step.FollowOpened), "die");
        await server.AskAsync("reset", "reset");
        server.Tell("ask moved-70000");
        long death = await victim.DeathAsync();
        next ??= scene.StartClient();
        await AnsweredAsync(server, death, "the next client has answered", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, next);
    }

    [Theory]
    [MemberData(nameof(Request))]
    public async Task A_request_of_a_client_that_dies_is_answered_by_the_stand_by(string step)
    {
        using var scene = new Scene();
        (PeerProcess server, PeerProcess victim) = await ExchangeAsync(scene);
        PeerProcess standBy = await scene.StandByAsync();
        await Scene.ArmAsync(victim, step, "die");
        server.Tell("ask wanted-98765");
        long death = await victim.DeathAsync();
        await AnsweredAsync(server, death, $"the answer after a death at {step}, with a stand-by");
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, standBy);
    }

    [Theory]
    [InlineData("")]
    [InlineData("lost=1")]
    public async Task A_death_is_learned_though_the_next_client_finds_no_home_to_attach_to(string options)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess first = await scene.ClientAsync("slow=60000 verbose=1");
        PeerProcess next = await scene.StandByAsync();
        server.Tell($"ask wanted-98765 {options}");
        await first.HearAsync("in-hand");
        SharedMemory.Delete(new ChannelName(scene.Channel).HeaderSegment);

        // The server looks again only when the next client has the lock.
        server.Signal(PeerProcess.Stop);
        await server.StoppedAsync();
        first.Kill();
        using (ControlSegment control = scene.OpenControl())
        {
            await Scene.UntilAsync(() => control.IsClientAlive);
        }

        long start = FaultPeer.Output.Now;
        server.GoOn();
        if (options.Length > 0)
        {
            string error = await server.HearAsync("error PeerLostException");
            Scene.AssertLearned(start, PeerProcess.Moment(error, 2), "PeerLostException while the next client cannot attach");
        }
        else
        {
            await AnsweredAsync(server, start, "the answer of a client that could not attach at first");
        }

        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, next);
    }

    [Theory]
    [MemberData(nameof(Taken))]
    public async Task A_caller_that_wants_to_know_is_told_that_its_client_died(string step)
    {
        using var scene = new Scene();
        (PeerProcess server, PeerProcess victim) = await ExchangeAsync(scene);
        await Scene.ArmAsync(victim, step, "die");
        server.Tell("ask wanted-98765 lost=1");
        long death = await victim.DeathAsync();
        string error = await server.HearAsync("error PeerLostException");
        Assert.Contains($"process id {victim.Id} ", error, StringComparison.Ordinal);
        Scene.AssertLearned(death, PeerProcess.Moment(error, 2), $"PeerLostException after a death at {step}");
        await ReplaceAsync(scene, server);
    }

    [Theory]
    [MemberData(nameof(Done))]
    public async Task An_answer_that_was_whole_before_its_client_died_is_delivered(string step)
    {
        using var scene = new Scene();
        (PeerProcess server, PeerProcess victim) = await ExchangeAsync(scene);
        await Scene.ArmAsync(victim, step, "die");
        server.Tell("ask wanted-98765 lost=1");
        long death = await victim.DeathAsync();
        await AnsweredAsync(server, death, $"the answer after a death at {step}");
        await ReplaceAsync(scene, server);
    }

    [Theory]
    [MemberData(nameof(BeforeTaking))]
    public async Task A_request_that_its_client_had_not_taken_waits_for_the_next(string step)
    {
        using var scene = new Scene();
        (PeerProcess server, PeerProcess victim) = await ExchangeAsync(scene);
        await Scene.ArmAsync(victim, step, "die");
        server.Tell("ask wanted-98765 lost=1");
        await victim.DeathAsync();
        long start = FaultPeer.Output.Now;
        PeerProcess next = scene.StartClient();
        await AnsweredAsync(server, start, $"the answer of the next client after a death at {step}", Scene.BoundWithStart);
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, next);
    }

    private static async Task<(PeerProcess Server, PeerProcess Client)> ExchangeAsync(Scene scene)
    {
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeOneAsync(server);
        return (server, client);
    }

    private static async Task AnsweredAsync(PeerProcess server, long from, string what, TimeSpan? bound = null)
    {
        string answer = await server.HearAsync("answer");
        Assert.StartsWith("answer right", answer, StringComparison.Ordinal);
        Scene.AssertLearned(from, PeerProcess.Moment(answer, 2), what, bound);
    }

    private static async Task ReplaceAsync(Scene scene, PeerProcess server)
    {
        PeerProcess next = await scene.ClientAsync();
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, next);
    }
}
