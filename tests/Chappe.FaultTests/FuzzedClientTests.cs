namespace Chappe.FaultTests;

public sealed class FuzzedClientTests : FuzzTests
{
    [Theory]
    [InlineData("untrusted=1")]
    [InlineData("")]
    public Task A_hostile_server_neither_crashes_nor_hangs_nor_cheats_its_client(string trust) => ExchangeAsync("fuzz-client", trust);
}
