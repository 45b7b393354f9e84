using System.Globalization;

namespace Chappe.FaultTests;

/// <summary>Kills at random under continuous traffic with a stand-by client. CHAPPE_STORM_SEED and CHAPPE_STORM_KILLS make another, or a longer one.</summary>
public sealed class StormTests
{
    private const string Spinning = "spin=1";

    [Fact]
    public async Task In_a_storm_of_kills_every_accepted_answer_is_right_and_nothing_is_left()
    {
        int seed = Setting("CHAPPE_STORM_SEED", 20_250_117), kills = Setting("CHAPPE_STORM_KILLS", 500);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, kills {kills}"));
        var random = new Random(seed);
        using var scene = new Scene();
        PeerProcess server = await NextServerAsync(scene);
        PeerProcess[] clients = [await scene.ClientAsync(Spinning), await scene.StandByAsync()];
        long right = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            await Task.Delay(random.Next(60), TestContext.Current.CancellationToken);
            if (random.Next(3) == 0)
            {
                right += await ProgressAsync(server);
                await KillAsync(server);
                server = await NextServerAsync(scene);
            }
            else
            {
                int i = random.Next(clients.Length);
                await KillAsync(clients[i]);
                clients[i] = scene.StartClient(random.Next(2) == 0 ? Spinning : "");
                if (random.Next(4) == 0)
                {
                    await ProgressAsync(server);
                }
            }
        }

        await ProgressAsync(server);
        string end = await server.AskAsync("end-traffic", "ended");
        right += Count(end);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"at least {right} answers, all right"));
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, clients);
    }

    private static async Task<PeerProcess> NextServerAsync(Scene scene)
    {
        PeerProcess server = await scene.ServerAsync(Spinning);
        server.Tell("traffic");
        return server;
    }

    /// <summary>Waits for one more right answer. Anything else that the server may say, such as a wrong one, fails here.</summary>
    private static async Task<long> ProgressAsync(PeerProcess server) => Count(await server.AskAsync("progress", "progress"));

    private static async Task KillAsync(PeerProcess peer)
    {
        peer.Kill();
        await Task.Yield();
        Assert.DoesNotContain("error", peer.Heard, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", peer.Heard, StringComparison.Ordinal);
        peer.Dispose();
    }

    private static long Count(string line) => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);

    private static int Setting(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
