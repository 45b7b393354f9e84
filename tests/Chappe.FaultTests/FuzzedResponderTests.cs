namespace Chappe.FaultTests;

public sealed class FuzzedResponderTests : FuzzTests
{
    [Theory]
    [InlineData("untrusted=1")]
    [InlineData("")]
    public Task A_hostile_requester_neither_crashes_nor_hangs_nor_cheats_its_responder(string trust) => ExchangeAsync("fuzz-responder", trust);
}
