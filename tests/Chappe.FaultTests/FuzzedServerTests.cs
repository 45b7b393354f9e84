namespace Chappe.FaultTests;

public sealed class FuzzedServerTests : FuzzTests
{
    [Theory]
    [InlineData("untrusted=1")]
    [InlineData("")]
    public Task A_hostile_client_neither_crashes_nor_hangs_nor_cheats_its_server(string trust) => ExchangeAsync("fuzz-server", trust);
}
