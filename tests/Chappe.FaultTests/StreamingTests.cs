using Chappe.Exchange;
using Chappe.FaultPeer;
using static Chappe.FaultTests.StreamedReading;

namespace Chappe.FaultTests;

/// <summary>Answers that are read while they are written, by readers and writers that live but do not do what one hopes for.</summary>
public sealed class StreamingTests
{
    public static TheoryData<Reading, string> Readings
    {
        get
        {
            var data = new TheoryData<Reading, string>();
            foreach (Reading reading in Enum.GetValues<Reading>())
            {
                data.Add(reading, "");
                data.Add(reading, "spin=1");
            }

            return data;
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Readings))]
    public async Task A_streamed_answer_is_right_however_it_is_read(Reading reading, string spin)
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess responder = await scene.ResponderAsync($"stream=1 {spin}");
        for (int i = 0; i < 4; i++)
        {
            using Response response = await requester.RequestAsync(Name, Streamed, Cancellation);
            byte[] payload = reading == Reading.StreamAsync ? await ReadAsync(response) : Read(response, reading);
            Assert.True(Payload.IsRight(Name, payload), $"'{Name}' by {reading} is wrong.");
        }

        await EndAsync(scene, requester, responder);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_first_bytes_are_read_before_the_last_are_written(bool waits)
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess responder = await scene.ResponderAsync(Pausing);
        using (Response response = requester.Request(Name, Streamed, Cancellation))
        {
            await responder.HearAsync($"pauses {Pause}");
            byte[] payload = new byte[response.Length];
            await using Stream stream = response.AsStream();
            if (waits)
            {
                await stream.ReadExactlyAsync(payload.AsMemory(0, Pause), Cancellation);
            }
            else
            {
                stream.ReadExactly(payload, 0, Pause);
            }

            Assert.Equal(Pause, response.AvailableLength);
            responder.Tell("go");
            stream.ReadExactly(payload.AsSpan(Pause));
            Assert.True(Payload.IsRight(Name, payload));
            Assert.Equal(response.Length, response.AvailableLength);
        }

        await EndAsync(scene, requester, responder);
    }

    [Fact]
    public async Task A_reader_that_leaves_in_mid_answer_has_the_next_request_wait_until_the_responder_has_ended()
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess responder = await scene.ResponderAsync(Pausing);
        using (Response response = requester.Request(Name, Streamed, Cancellation))
        {
            response.WaitFor(Pause, Cancellation);
            await responder.HearAsync("pauses");
        }

        await AssertNextWaitsForTheResponderAsync(scene, requester, responder);
    }

    [Fact]
    public async Task A_deadline_in_mid_answer_is_a_timeout_and_the_next_request_is_right()
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess responder = await scene.ResponderAsync(Pausing);
        using (Response response = requester.Request(Name, Streamed with { Timeout = TimeSpan.FromSeconds(3) }, Cancellation))
        {
            await responder.HearAsync("pauses");
            Assert.Throws<TimeoutException>(() => Read(response, Reading.Stream));
            await Assert.ThrowsAsync<TimeoutException>(() => ReadAsync(response));
            Assert.Equal(Pause, response.AvailableLength);
        }

        await AssertNextWaitsForTheResponderAsync(scene, requester, responder);
    }

    [Fact]
    public async Task A_wait_for_the_rest_that_is_cancelled_leaves_the_response_as_it_is()
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess responder = await scene.ResponderAsync(Pausing);
        using (Response response = requester.Request(Name, Streamed, Cancellation))
        {
            await responder.HearAsync("pauses");
            using var soon = new CancellationTokenSource(100);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await response.WaitForAsync(response.Length, soon.Token));
            Assert.ThrowsAny<OperationCanceledException>(() => response.WaitFor(response.Length, soon.Token));
            responder.Tell("go");
            await response.WaitForAsync(response.Length, Cancellation);
            AssertRight(response);
        }

        await EndAsync(scene, requester, responder);
    }

    [Fact]
    public async Task A_responder_that_cannot_go_on_says_why_to_the_reader()
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess responder = await scene.ResponderAsync($"stream=1 pause-at={Pause} fail-at={Pause}");
        using (Response response = requester.Request(Name, Streamed, Cancellation))
        {
            await responder.HearAsync("pauses");
            responder.Tell("go");
            RequestFailedException failure = Assert.Throws<RequestFailedException>(() => Read(response, Reading.Stream));
            Assert.Equal(ResponseStatus.Unreadable, failure.Status);
            Assert.Equal("The disk is gone.", failure.Message);
            Assert.Throws<RequestFailedException>(() => response.Span.Length);
        }

        await EndAsync(scene, requester, responder);
    }

    [Theory]
    [InlineData("")]
    [InlineData("spin=1")]
    public async Task A_responder_that_fails_as_soon_as_it_has_started_is_never_taken_for_one_that_answered(string spin)
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess responder = await scene.ResponderAsync($"stream=1 fail-at=0 {spin}");
        for (int i = 0; i < 2000; i++)
        {
            RequestFailedException failure = Assert.Throws<RequestFailedException>(() =>
            {
                using Response response = requester.Request("none-70000", Streamed, Cancellation);
                return response.Span.Length;
            });
            Assert.Equal("The disk is gone.", failure.Message);
        }

        requester.Dispose();
        await responder.AskAsync("close", "closed");
        scene.AssertNothingIsLeft();
    }

    [Theory]
    [InlineData(PeerTrust.Untrusted, "")]
    [InlineData(PeerTrust.Trusted, "untrusted=1")]
    public async Task A_side_that_does_not_trust_the_other_gets_or_gives_the_whole_answer(PeerTrust trust, string responder)
    {
        using var scene = new Scene();
        using Requester requester = Own(scene, trust);
        PeerProcess peer = await scene.ResponderAsync($"{Pausing} {responder}");
        using (Response response = requester.Request(Name, Streamed, Cancellation))
        {
            Assert.Equal(response.Length, response.AvailableLength);
            AssertRight(response);
        }

        await EndAsync(scene, requester, peer);
    }

    [Fact]
    public async Task A_basic_responder_answers_whole_to_a_requester_that_would_read_along()
    {
        BasicPeer.Require();
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess responder = BasicPeer.StartResponder(scene);
        using (Response response = await requester.RequestAsync("wanted-98765", Streamed, Cancellation))
        {
            Assert.Equal(ExchangeLevel.Basic, response.Level);
            Assert.Equal(response.Length, response.AvailableLength);
            AssertRight(response, "wanted-98765");
        }

        responder.Kill();
    }

    [Fact]
    public async Task A_basic_requester_is_answered_whole_by_a_responder_that_would_stream()
    {
        BasicPeer.Require();
        using var scene = new Scene();
        PeerProcess responder = scene.StartResponder("stream=1 pause-at=0");
        PeerProcess requester = BasicPeer.Start(scene, $"server --channel {scene.Channel} --timeout 30 wanted-98765");
        Assert.Equal(BasicPeer.RightLine("wanted-98765"), await requester.HearAnyAsync());
        await requester.EndAsync();
        await responder.AskAsync("close", "closed");
    }

    [Theory]
    [InlineData("")]
    [InlineData("spin=1")]
    public async Task Two_threads_that_read_one_response_both_get_it_right(string spin)
    {
        using var scene = new Scene();
        using Requester requester = Own(scene);
        PeerProcess responder = await scene.ResponderAsync($"stream=1 {spin}");
        for (int i = 0; i < 20; i++)
        {
            using Response response = requester.Request(Name, Streamed, Cancellation);
            Task<byte[]> other = Task.Run(() => Read(response, Reading.Pieces), Cancellation);
            byte[] payload = Read(response, Reading.Stream);
            Assert.True(Payload.IsRight(Name, payload));
            Assert.True(Payload.IsRight(Name, await other));
        }

        await EndAsync(scene, requester, responder);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(10_000, false)]
    [InlineData(10_000, true)]
    public async Task A_reader_whose_response_is_disposed_under_it_perhaps_with_the_requester_is_told(int spinMilliseconds, bool endsRequester)
    {
        using var scene = new Scene();
        PeerProcess responder = scene.StartResponder(Pausing);
        for (int i = 0; i < 10; i++)
        {
            using var requester = Requester.Create(scene.Channel, new RequesterOptions { SpinBudget = TimeSpan.FromMilliseconds(spinMilliseconds) });
            Response response = requester.Request(Name, Streamed, Cancellation);
            await responder.HearAsync("pauses");
            Task<int> reader = Task.Run(() => Read(response, Reading.Span).Length, Cancellation);
            await Task.Delay(20, Cancellation);
            response.Dispose();
            if (endsRequester)
            {
                requester.Dispose();
                await Assert.ThrowsAsync<ObjectDisposedException>(() => reader);
            }

            responder.Tell("go");
            await responder.HearAsync("given-up");
            await Assert.ThrowsAsync<ObjectDisposedException>(() => reader);
        }

        await responder.AskAsync("close", "closed");
        scene.AssertNothingIsLeft();
    }

    private static async Task AssertNextWaitsForTheResponderAsync(Scene scene, Requester requester, PeerProcess responder)
    {
        Task<Response> next = requester.RequestAsync("next-70000", Cancellation).AsTask();
        using (ControlSegment control = scene.OpenControl())
        {
            await Task.Delay(150, Cancellation);
            Assert.False(next.IsCompleted);
            Assert.Equal(0UL, control.Page.Ticket);
        }

        responder.Tell("go");
        await responder.HearAsync($"given-up {Pause + StreamedAnswer.PieceLength}");
        using (Response response = await next)
        {
            AssertRight(response, "next-70000");
        }

        await EndAsync(scene, requester, responder);
    }
}
