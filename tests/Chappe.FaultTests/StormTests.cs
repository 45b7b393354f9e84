using System.Globalization;

namespace Chappe.FaultTests;

/// <summary>Kills at random under continuous traffic with a stand-by responder. CHAPPE_STORM_SEED and CHAPPE_STORM_KILLS make another, or a longer one.</summary>
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
        PeerProcess requester = await NextRequesterAsync(scene);
        PeerProcess[] responders = [await scene.ResponderAsync(Spinning), await scene.StandByAsync()];
        long right = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            await Task.Delay(random.Next(60), TestContext.Current.CancellationToken);
            if (random.Next(3) == 0)
            {
                right += await ProgressAsync(requester);
                await KillAsync(requester);
                requester = await NextRequesterAsync(scene);
            }
            else
            {
                int i = random.Next(responders.Length);
                await KillAsync(responders[i]);
                responders[i] = scene.StartResponder(random.Next(2) == 0 ? Spinning : "");
                if (random.Next(4) == 0)
                {
                    await ProgressAsync(requester);
                }
            }
        }

        await ProgressAsync(requester);
        string end = await requester.AskAsync("end-traffic", "ended");
        right += Count(end);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"at least {right} answers, all right"));
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responders);
    }

    private static async Task<PeerProcess> NextRequesterAsync(Scene scene)
    {
        PeerProcess requester = await scene.RequesterAsync(Spinning);
        requester.Tell("traffic");
        return requester;
    }

    /// <summary>Waits for one more right answer. Anything else that the requester may say, such as a wrong one, fails here.</summary>
    private static async Task<long> ProgressAsync(PeerProcess requester) => Count(await requester.AskAsync("progress", "progress"));

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
