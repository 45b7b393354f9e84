using Chappe.Exchange;
using Chappe.FaultPeer;
using static Chappe.FaultTests.StreamedReading;

namespace Chappe.FaultTests;

/// <summary>One side dies, or is stopped, while the payload is handed over.</summary>
public sealed class StreamingDeathTests
{
    public static TheoryData<string> BeforeStreaming => Steps.Of(Steps.BeforeTaking, Steps.TakenBeforeStreaming);

    public static TheoryData<string> Streaming => Steps.Of(Steps.Streaming);

    public static TheoryData<string> Done => Steps.Of(Steps.Done);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BeforeStreaming))]
    public async Task A_request_of_a_responder_that_dies_before_it_hands_anything_over_is_streamed_by_the_stand_by(string step)
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess victim = await scene.ResponderAsync("stream=1");
        PeerProcess standBy = await scene.StandByAsync("stream=1");
        await Scene.ArmAsync(victim, step, "die");
        using (Response response = await requester.RequestAsync(Name, Streamed, Cancellation))
        {
            long answered = Output.Now;
            Scene.AssertLearned(await victim.DeathAsync(), answered, $"the beginning of the stand-by's answer after a death at {step}");
            AssertRight(response);
        }

        await EndAsync(scene, requester, standBy);
    }

    [Theory]
    [MemberData(nameof(Streaming))]
    public async Task A_reader_learns_that_its_responder_died_before_the_first_byte(string step)
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess victim = await scene.ResponderAsync("stream=1");
        PeerProcess next = await scene.StandByAsync("stream=1");
        await Scene.ArmAsync(victim, step, "die");
        using (Response response = await requester.RequestAsync(Name, Streamed, Cancellation))
        {
            await AssertLostAsync(response, victim, step);
        }

        await EndAsync(scene, requester, next);
    }

    [Theory]
    [InlineData(Reading.Stream)]
    [InlineData(Reading.StreamAsync)]
    [InlineData(Reading.Span)]
    public async Task A_reader_that_has_consumed_bytes_learns_that_its_responder_died_and_nobody_else_is_asked(Reading reading)
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess victim = await scene.ResponderAsync(Pausing);
        PeerProcess next = await scene.StandByAsync("stream=1");
        using (Response response = await requester.RequestAsync(Name, Streamed, Cancellation))
        {
            Assert.Equal(Payload.Of(Name).AsSpan(0, Pause), response.GetSpan(0, Pause));
            await victim.HearAsync("pauses");
            await Scene.ArmAsync(victim, nameof(Step.ProgressWritten), "die passing=3");
            victim.Tell("go");
            await AssertLostAsync(response, victim, "the third progress", reading);
            using ControlSegment control = scene.OpenControl();
            Assert.Equal(control.Page.Taken, control.Page.Ticket);
        }

        await EndAsync(scene, requester, next);
    }

    [Theory]
    [MemberData(nameof(Done))]
    public async Task A_streamed_answer_that_was_ended_before_its_responder_died_is_read_to_its_end(string step)
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess victim = await scene.ResponderAsync("stream=1");
        await Scene.ArmAsync(victim, step, "die");
        using (Response response = await requester.RequestAsync(Name, Streamed, Cancellation))
        {
            await victim.DeathAsync();
            AssertRight(response);
        }

        PeerProcess next = await scene.ResponderAsync("stream=1");
        await EndAsync(scene, requester, next);
    }

    [Fact]
    public async Task A_requester_that_is_killed_in_mid_answer_is_replaced_and_the_responder_gives_the_answer_up()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync(Pausing);
        await requester.AskAsync($"ask {Name} stream=1", "begun");
        await responder.HearAsync("pauses");
        requester.Kill();
        using Requester next = Own(scene);
        Task<Response> request = next.RequestAsync(Name, Streamed, Cancellation).AsTask();
        await Task.Delay(150, Cancellation);
        Assert.False(request.IsCompleted);
        responder.Tell("go");
        await responder.HearAsync("given-up");
        await responder.HearAsync("pauses");
        responder.Tell("go");
        using (Response response = await request)
        {
            AssertRight(response);
        }

        await EndAsync(scene, next, responder);
    }

    [Theory]
    [InlineData(nameof(Step.StartedWritten), 1)]
    [InlineData(nameof(Step.ProgressWritten), 3)]
    public async Task A_responder_that_is_stopped_in_mid_answer_is_alive(string step, int passing)
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess responder = await scene.FaultyAsync(step, $"stop passing={passing}");
        await responder.AskAsync($"responder {scene.Channel} stream=1", "state Attached");
        PeerProcess standBy = await scene.StandByAsync("stream=1");
        using (Response response = await requester.RequestAsync(Name, Streamed, Cancellation))
        {
            Task<byte[]> reading = ReadAsync(response);
            await responder.HearAsync("stops");
            await responder.StoppedAsync();
            await Task.Delay(300, Cancellation);
            Assert.False(reading.IsCompleted);
            Assert.DoesNotContain("state Attached", standBy.Heard, StringComparison.Ordinal);
            responder.GoOn();
            Assert.True(Payload.IsRight(Name, await reading));
        }

        await EndAsync(scene, requester, responder, standBy);
    }

    private static async Task AssertLostAsync(Response response, PeerProcess victim, string step, Reading reading = Reading.Stream)
    {
        PeerLostException lost = reading == Reading.StreamAsync
            ? await Assert.ThrowsAsync<PeerLostException>(() => ReadAsync(response))
            : Assert.Throws<PeerLostException>(() => Read(response, reading));
        long learned = Output.Now;

        // A stand-by may have written its own process id before this one was read: then none is named, but never that one.
        Assert.Matches($"^The responder( with process id {victim.Id})? ended in the middle of ", lost.Message);
        Scene.AssertLearned(await victim.DeathAsync(), learned, $"PeerLostException after a death at {step}, by {reading}");
    }
}
