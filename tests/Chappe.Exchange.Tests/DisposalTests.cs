using System.Diagnostics;
using Chappe.Exchange.Peer;

namespace Chappe.Exchange.Tests;

/// <summary>Disposing one side under whoever still uses it.</summary>
public sealed class DisposalTests : ExchangeTest
{
    /// <summary>It takes a slice of 50 ms; the rest is for a machine with too much to do. The wait itself would last for a minute.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_response_stays_readable_when_its_requester_is_disposed()
    {
        Requester requester = Own();
        await StartResponderAsync();
        Response response = requester.Request("bytes 3000000 6");
        ReadOnlyMemory<byte> memory = response.Memory;
        requester.Dispose();

        Assert.Empty(Names);
        Assert.Equal(MadeUp.Bytes(3_000_000, 6), response.Span);
        Assert.Equal(MadeUp.Bytes(3_000_000, 6), memory.Span);
        Assert.Throws<ObjectDisposedException>(() => requester.Request("bytes 1 1"));

        // The channel's name is free meanwhile.
        Requester next = Own();
        using (Response other = next.Request("bytes 3000000 7"))
        {
            Assert.Equal(MadeUp.Bytes(3_000_000, 7), other.Span);
            Assert.Equal(MadeUp.Bytes(3_000_000, 6), response.Span);
        }

        response.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.Span[0]);
    }

    [Fact]
    public async Task Pinned_memory_stays_mapped_until_it_is_unpinned()
    {
        Requester requester = Own();
        await StartResponderAsync();
        Response response = requester.Request("bytes 100000 6");
        using (System.Buffers.MemoryHandle pin = response.Memory.Pin())
        {
            response.Dispose();
            requester.Dispose();
            AssertReadable(pin);
        }

        static unsafe void AssertReadable(System.Buffers.MemoryHandle pin) =>
            Assert.Equal(MadeUp.Bytes(100_000, 6), new ReadOnlySpan<byte>(pin.Pointer, 100_000));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_waiting_request_ends_when_its_requester_is_disposed(bool isTaken, bool synchronously)
    {
        Requester requester = Own();
        if (isTaken)
        {
            ChappePeer responder = await StartResponderAsync();
            Task waiting = Wait("hold 1 1");
            await responder.WaitForLineAsync("holding");
            await AssertEndsAsync(waiting);
        }
        else
        {
            Task waiting = Wait("nobody answers");
            await AssertEndsAsync(waiting);
        }

        Assert.Empty(Names);

        Task Wait(string name) => synchronously ? Task.Run(() => requester.Request(name)) : requester.RequestAsync(name).AsTask();

        Task AssertEndsAsync(Task waiting) => AssertIsDisposedSoonAsync(waiting, requester);
    }

    [Fact]
    public async Task A_waiting_list_ends_when_its_requester_is_disposed()
    {
        Requester requester = Own();
        Task waiting = Task.Run(() => requester.List());
        await AssertIsDisposedSoonAsync(waiting, requester);
        Assert.Throws<ObjectDisposedException>(() => requester.List());
        Assert.Throws<ObjectDisposedException>(() => requester.IsResponderAttached);
        Assert.Throws<ObjectDisposedException>(requester.Reset);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_waiting_receive_ends_when_its_responder_is_disposed(bool synchronously)
    {
        Own();
        Responder responder = Keep(await Responder.OpenAsync(Channel));
        await AssertIsDisposedSoonAsync(synchronously ? Task.Run(() => responder.Receive()) : responder.ReceiveAsync().AsTask(), responder);
        Assert.Throws<ObjectDisposedException>(() => responder.Receive());
    }

    [Fact]
    public async Task A_waiting_receive_without_a_requester_ends_when_its_responder_is_disposed()
    {
        Requester requester = Own();
        Responder responder = Keep(await Responder.OpenAsync(Channel));
        requester.Dispose();
        await AssertIsDisposedSoonAsync(Task.Run(() => responder.Receive()), responder);
    }

    [Fact]
    public async Task A_request_in_hand_can_be_answered_after_its_responder_is_disposed_and_then_the_next_responder_serves()
    {
        ChappePeer requester = await StartRequesterAsync();
        Responder responder = Keep(await Responder.OpenAsync(Channel));
        ChappePeer next = await StartPeerAsync();
        next.Tell("make", Channel);
        await next.WaitForLineAsync("StandingBy");

        requester.Tell("ask", "by hand", "bytes 1 1");
        Request request = responder.Receive();
        responder.Dispose();
        Assert.Equal("by hand", request.Name);
        request.GetSpan(70_000).Fill(1);
        request.Complete(new ResponseHeader(70_000));

        Assert.StartsWith("by hand\t70000\t", await requester.ReadLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("bytes 1 1\t1\t", await requester.ReadLineAsync(), StringComparison.Ordinal);
        await next.WaitForLineAsync("served\tbytes 1 1\tOk");
    }

    [Fact]
    public void Disposing_twice_is_as_disposing_once()
    {
        Requester requester = Own();
        Responder responder = Responder.Open(Channel);
        responder.Dispose();
        responder.Dispose();
        requester.Dispose();
        requester.Dispose();
        Assert.Empty(Names);
    }

    private static async Task AssertIsDisposedSoonAsync(Task waiting, IDisposable disposable)
    {
        // Not yet: whether the wait has begun or is about to, the outcome must be the same.
        Assert.False(waiting.IsCompleted);
        long start = Stopwatch.GetTimestamp();
        disposable.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(ChildProcess.Patience));
        Assert.True(Stopwatch.GetElapsedTime(start) < Soon);
    }
}
