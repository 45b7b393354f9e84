using System.Globalization;

namespace Chappe.FaultTests;

/// <summary>
/// A peer that writes anything anywhere at any moment, in the process of the side under test: if that one crashes, its process ends here as a
/// failure. CHAPPE_FUZZ_SEED and CHAPPE_FUZZ_EXCHANGES make other, or more.
/// </summary>
public abstract class FuzzTests
{
    protected static async Task ExchangeAsync(string role, string trust)
    {
        int seed = Setting("CHAPPE_FUZZ_SEED", 20_250_117), exchanges = Setting("CHAPPE_FUZZ_EXCHANGES", 100_000);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, {exchanges} exchanges"));
        using var scene = new Scene();
        PeerProcess peer = scene.Peer();
        peer.Tell(string.Create(CultureInfo.InvariantCulture, $"{role} {scene.Channel} seed={seed} count={exchanges} {trust}"));
        for (int at = 2_000; at <= exchanges; at += 2_000)
        {
            await peer.HearAsync("at ");
        }

        TestContext.Current.TestOutputHelper?.WriteLine(await peer.HearAsync("outcomes"));
        await peer.HearAsync("after 100 right");
        await peer.AskAsync("fault BirthMade die", "armed");
        scene.AssertNothingIsLeft();
    }

    private static int Setting(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
