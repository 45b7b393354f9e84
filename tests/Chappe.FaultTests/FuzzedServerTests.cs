using Chappe.Exchange;

namespace Chappe.FaultTests;

public sealed class FuzzedServerTests : FuzzTests
{
    [Theory]
    [InlineData("untrusted=1")]
    [InlineData("")]
    public Task A_hostile_client_neither_crashes_nor_hangs_nor_cheats_its_server(string trust) => ExchangeAsync("fuzz-server", trust);

    [Fact]
    public async Task A_generation_that_a_client_has_set_to_the_last_number_is_followed_by_one_that_clients_attach_to()
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        using (ControlSegment control = scene.OpenControl())
        {
            control.Page.Generation = ulong.MaxValue;
        }

        await server.AskAsync("reset", "reset");
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }
}
