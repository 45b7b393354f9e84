using Chappe.Exchange;

namespace Chappe.FaultTests;

public sealed class FuzzedRequesterTests : FuzzTests
{
    [Theory]
    [InlineData("untrusted=1")]
    [InlineData("")]
    public Task A_hostile_responder_neither_crashes_nor_hangs_nor_cheats_its_requester(string trust) => ExchangeAsync("fuzz-requester", trust);

    [Fact]
    public async Task A_generation_that_a_responder_has_set_to_the_last_number_is_followed_by_one_that_responders_attach_to()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        using (ControlSegment control = scene.OpenControl())
        {
            control.Page.Generation = ulong.MaxValue;
        }

        await requester.AskAsync("reset", "reset");
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }
}
