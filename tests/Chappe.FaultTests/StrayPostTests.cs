using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>Posts that nobody meant, by the hundred thousand, and answers that nobody waits for any more. For one stray post at each step see the stop tests.</summary>
public sealed class StrayPostTests
{
    private const int Flood = 100_000;

    [Fact]
    public async Task A_flood_of_posts_ends_a_servers_wait_with_an_error_and_the_channel_goes_on()
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync("verbose=1 slow=3000");
        server.Tell("ask wanted-98765");
        await client.HearAsync("in-hand");
        Post(new ChannelName(scene.Channel).ResponseSemaphore);
        await server.HearAsync("error ProtocolException");
        client.Kill();
        PeerProcess next = await scene.ClientAsync();
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, next);
    }

    [Fact]
    public async Task A_flood_of_posts_ends_a_clients_wait_with_an_error_and_the_channel_goes_on()
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        Post(new ChannelName(scene.Channel).RequestSemaphore);
        await client.HearAsync("error ProtocolException");
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }

    [Theory]
    [InlineData("timeout=100", "error TimeoutException")]
    [InlineData("cancel=100", "error OperationCanceledException")]
    public async Task A_late_answer_goes_to_nobody_and_the_next_request_waits_for_it(string giveUp, string error)
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync("slow=250");
        for (int i = 0; i < 5; i++)
        {
            await server.AskAsync($"ask late{i}-{90_000 + i} {giveUp}", error);
            await Scene.ExchangeOneAsync(server, $"after{i}-6000");
        }

        await client.AskAsync("close", "closed");
        PeerProcess next = await scene.ClientAsync();
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, next);
    }

    [Fact]
    public async Task A_client_that_never_answers_is_left_behind_by_a_reset()
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.FaultyAsync(nameof(Step.NameRead), "stop");
        client.Tell($"client {scene.Channel}");
        await server.AskAsync("ask never-5000 timeout=1000", "error TimeoutException");
        await client.HearAsync("stops");
        await server.AskAsync("ask after-5000 timeout=300", "error TimeoutException");
        await server.AskAsync("reset", "reset");
        client.GoOn();
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }

    private static void Post(string semaphore)
    {
        using NamedSemaphore opened = NamedSemaphore.OpenExisting(semaphore);
        opened.Release(Flood);
    }
}
