using System.Diagnostics;
using Chappe.Exchange.Peer;
using Chappe.Posix;

namespace Chappe.Exchange.Tests;

/// <summary>Deadlines and cancellation: whoever gives up never gets the answer of the request before.</summary>
public sealed class GivingUpTests : ExchangeTest
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    /// <summary>Far more than a machine with too much to do is late, far less than the minute that nothing here may take.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_a_responder_a_request_ends_at_its_deadline(bool synchronously)
    {
        Requester requester = Own(new RequesterOptions { Timeout = Short });
        long start = Stopwatch.GetTimestamp();
        TimeoutException exception = synchronously
            ? Assert.Throws<TimeoutException>(() => requester.Request("a"))
            : await Assert.ThrowsAsync<TimeoutException>(async () => await requester.RequestAsync("a"));
        Assert.InRange(Stopwatch.GetElapsedTime(start), Short, Late);
        Assert.Contains("no responder is attached", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'a'", exception.Message, StringComparison.Ordinal);
        Assert.False(requester.IsResponderAttached);

        // What was given up is not there for the responder that comes.
        ChappePeer responder = await StartResponderAsync();
        Assert.True(requester.IsResponderAttached);
        await AssertNextAnswerIsItsOwnAsync(requester, responder);
    }

    [Fact]
    public async Task A_request_waits_for_its_responder_to_come()
    {
        Requester requester = Own();
        ValueTask<Response> waiting = requester.RequestAsync("bytes 10 1", new RequestOptions { Timeout = Timeout.InfiniteTimeSpan });
        await StartResponderAsync();
        using Response response = await waiting;
        Assert.Equal(MadeUp.Bytes(10, 1), response.Span);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_that_the_responder_is_slow_with_ends_at_its_deadline(bool synchronously)
    {
        Requester requester = Own();
        ChappePeer responder = await StartResponderAsync();
        var options = new RequestOptions { Timeout = Short };
        TimeoutException exception = synchronously
            ? Assert.Throws<TimeoutException>(() => requester.Request("hold 10 1", options))
            : await Assert.ThrowsAsync<TimeoutException>(async () => await requester.RequestAsync("hold 10 1", options));
        Assert.Contains($"process id {responder.Id} has taken it", exception.Message, StringComparison.Ordinal);

        // The responder still writes to the segments: nothing else can be asked yet.
        exception = Assert.Throws<TimeoutException>(() => requester.Request("bytes 10 2", options));
        Assert.Contains("still works on an earlier request", exception.Message, StringComparison.Ordinal);
        await responder.WaitForLineAsync("holding");
        responder.Tell("go");
        await AssertNextAnswerIsItsOwnAsync(requester, responder);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_request_ends_and_the_next_waits_for_the_responder_to_finish_it(bool synchronously)
    {
        Requester requester = Own();
        ChappePeer responder = await StartResponderAsync();
        using var cancellation = new CancellationTokenSource();
        Task<Response> request = synchronously
            ? Task.Run(() => requester.Request("hold 10 1", cancellation.Token))
            : requester.RequestAsync("hold 10 1", cancellation.Token).AsTask();
        await responder.WaitForLineAsync("holding");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);

        ValueTask<Response> next = requester.RequestAsync("bytes 10 2");
        responder.Tell("go");
        using (Response response = await next)
        {
            Assert.Equal(MadeUp.Bytes(10, 2), response.Span);
        }

        await AssertNextAnswerIsItsOwnAsync(requester, responder);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_token_that_is_cancelled_before_the_request_ends_it_and_the_next_works(bool synchronously)
    {
        Requester requester = Own();
        ChappePeer responder = await StartResponderAsync();
        var cancelled = new CancellationToken(canceled: true);
        if (synchronously)
        {
            Assert.ThrowsAny<OperationCanceledException>(() => requester.Request("bytes 10 1", cancelled));
        }
        else
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await requester.RequestAsync("bytes 10 1", cancelled));
        }

        Assert.ThrowsAny<OperationCanceledException>(() => requester.List(cancelled));
        await AssertNextAnswerIsItsOwnAsync(requester, responder);
    }

    [Fact]
    public async Task Requests_that_are_given_up_at_any_moment_never_get_in_the_way_of_the_next()
    {
        Requester requester = Own();
        await StartResponderAsync();
        var random = new Random(1);
        int given = 0;
        for (int i = 0; i < 500; i++)
        {
            using var cancellation = new CancellationTokenSource();
            cancellation.CancelAfter(TimeSpan.FromMicroseconds(random.Next(2000)));
            try
            {
                using Response response = await requester.RequestAsync($"bytes 1000 {i}", cancellation.Token);
                Assert.Equal(MadeUp.Bytes(1000, i), response.Span);
                given++;
            }
            catch (OperationCanceledException)
            {
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{given} of 500 were answered.");
        using Response last = requester.Request("bytes 1000 1000");
        Assert.Equal(MadeUp.Bytes(1000, 1000), last.Span);
    }

    [Fact]
    public async Task After_a_slow_basic_responder_the_next_answer_is_its_own()
    {
        Directory.Write("a", [1]);
        Directory.Write("b", [2]);
        Requester requester = Own();
        BasicPeer responder = StartBasic("client", "--slow-ms", "2000", Directory.Path);
        using var cancellation = new CancellationTokenSource();
        Task<Response> slow = requester.RequestAsync("a", cancellation.Token).AsTask();
        await WaitForBasicHeaderAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        using (Response response = requester.Request("b"))
        {
            Assert.Equal((byte[])[2], response.Span);
        }

        Assert.StartsWith("a 1 ", await responder.ReadLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("b 1 ", await responder.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reset_goes_on_without_a_responder_that_never_answers()
    {
        Requester requester = Own();
        ChappePeer responder = await StartResponderAsync();
        Assert.Throws<TimeoutException>(() => requester.Request("hold 10 1", new RequestOptions { Timeout = Short }));
        await responder.WaitForLineAsync("holding");
        requester.Reset();

        // It is in a new home, and what the responder writes now goes to the old one.
        ValueTask<Response> next = requester.RequestAsync("bytes 10 2");
        responder.Tell("go");
        using (Response response = await next)
        {
            Assert.Equal(MadeUp.Bytes(10, 2), response.Span);
        }

        await AssertNextAnswerIsItsOwnAsync(requester, responder);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_receive_ends_and_the_next_gets_the_request(bool synchronously)
    {
        ChappePeer requester = await StartRequesterAsync();
        Responder responder = Keep(await Responder.OpenAsync(Channel));
        using var cancellation = new CancellationTokenSource();
        Task receiving = synchronously ? Task.Run(() => responder.Receive(cancellation.Token)) : responder.ReceiveAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await responder.ReceiveAsync(cancellation.Token));

        requester.Tell("ask", "first");
        (await responder.ReceiveAsync()).Complete(default);
        Assert.StartsWith("first\t0\t", await requester.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opening_a_responder_ends_at_its_deadline_and_says_why()
    {
        var options = new ResponderOptions { Timeout = Short };
        Assert.Contains("no requester", Assert.Throws<TimeoutException>(() => Responder.Open(Channel, options)).Message, StringComparison.Ordinal);
        Assert.Contains("no requester", (await Assert.ThrowsAsync<TimeoutException>(async () => await Responder.OpenAsync(Channel, options))).Message, StringComparison.Ordinal);
        Own();
        await StartResponderAsync();
        Assert.Contains("Another responder", Assert.Throws<TimeoutException>(() => Responder.Open(Channel, options)).Message, StringComparison.Ordinal);

        var cancelled = new CancellationToken(canceled: true);
        Assert.ThrowsAny<OperationCanceledException>(() => Responder.Open(Channel, null, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Responder.OpenAsync(Channel, null, cancelled));
    }

    private static async Task AssertNextAnswerIsItsOwnAsync(Requester requester, ChappePeer responder)
    {
        for (int i = 0; i < 3; i++)
        {
            using Response response = await requester.RequestAsync($"bytes 100000 {i + 70}", new RequestOptions { Timeout = ChildProcess.Patience });
            Assert.Equal(MadeUp.Bytes(100_000, i + 70), response.Span);
            await responder.WaitForLineAsync($"served\tbytes 100000 {i + 70}\tOk");
        }
    }

    /// <summary>Waits until a basic responder has written the header of its answer, and with it words that the requester had made all ones.</summary>
    private async Task WaitForBasicHeaderAsync()
    {
        using var patience = new CancellationTokenSource(ChildProcess.Patience);
        using SharedMemory header = SharedMemory.OpenExisting($"/SEG_{Channel}_HEAD");
        byte[] width = new byte[sizeof(ulong)];
        while (header.Read(sizeof(ulong), width) == 0 || width.Any(value => value != 0))
        {
            await Task.Delay(5, patience.Token);
        }
    }
}
