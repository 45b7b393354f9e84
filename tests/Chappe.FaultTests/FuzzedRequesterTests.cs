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

    [Theory]
    [InlineData(Lie.NoGeneration, true)]
    [InlineData(Lie.NoGeneration, false)]
    [InlineData(Lie.AnotherHome, true)]
    [InlineData(Lie.AnotherHome, false)]
    [InlineData(Lie.Closed, true)]
    [InlineData(Lie.Closed, false)]
    public async Task What_a_responder_has_written_over_the_home_in_the_control_segment_costs_the_next_request_no_answer(Lie lie, bool isAttached)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess? attached = null;
        if (isAttached)
        {
            attached = await scene.ResponderAsync();
            await Scene.ExchangeOneAsync(requester);
        }

        using (ControlSegment control = scene.OpenControl())
        {
            Tell(lie, ref control.Page);
        }

        if (attached is not null && lie == Lie.Closed)
        {
            await attached.HearAsync("state WaitingForRequester");
        }

        PeerProcess responder = attached ?? scene.StartResponder();
        Assert.StartsWith("answer right", await requester.AskAsync("ask wanted-777 timeout=10000", "answer"), StringComparison.Ordinal);
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    private static void Tell(Lie lie, ref ControlPage page)
    {
        switch (lie)
        {
            case Lie.NoGeneration:
                page.Generation = 0;
                break;
            case Lie.AnotherHome:
                page.HeaderInode++;
                page.Generation++;
                break;
            default:
                page.State = ChannelState.Closed;
                break;
        }
    }
}

/// <summary>What a hostile responder writes to CTRL about the requester's home.</summary>
public enum Lie
{
    /// <summary>Generation 0: there is no home.</summary>
    NoGeneration,

    /// <summary>A later generation, whose HEAD does not exist.</summary>
    AnotherHome,

    /// <summary>The requester has closed the channel.</summary>
    Closed,
}
