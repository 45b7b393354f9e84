using System.Buffers;
using Chappe.Exchange.Peer;

namespace Chappe.Exchange.Tests;

/// <summary>What a response promises: it is the payload in place until it is disposed, and an exception after.</summary>
public sealed class ResponseTests : ExchangeTest
{
    private const int Length = 100_000;

    private static readonly byte[] Expected = MadeUp.Bytes(Length, seed: 5);

    [Fact]
    public async Task Span_memory_sequence_stream_and_pointer_are_the_same_bytes()
    {
        using Response response = await RequestAsync();
        Assert.Equal(Expected, response.Span);
        Assert.Equal(Expected, response.Memory.ToArray());
        Assert.Equal(Expected, response.AsSequence().ToArray());
        Assert.Equal(Expected, ReadWhole(response.AsStream()));
        Assert.Equal(Expected, SpanAtPointer(response));
        Assert.Equal(Expected.AsSpan(10, 20), response.GetSpan(10, 20));
    }

    [Fact]
    public async Task A_part_that_the_payload_has_not_is_refused()
    {
        using Response response = await RequestAsync();
        Assert.True(response.GetSpan(Length, 0).IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => response.GetSpan(0, Length + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => response.GetSpan(Length, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => response.GetSpan(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => response.GetSpan(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => response.GetSpan(long.MaxValue, 1));
    }

    [Fact]
    public async Task The_stream_seeks_and_copies_and_cannot_be_written_to()
    {
        using Response response = await RequestAsync();
        using Stream stream = response.AsStream();
        Assert.Equal(Length, stream.Length);
        Assert.Equal(Length - 3, stream.Seek(-3, SeekOrigin.End));
        Assert.Equal(Expected[^3], stream.ReadByte());
        Assert.Equal(Length, stream.Seek(2, SeekOrigin.Current));
        Assert.Equal(-1, stream.ReadByte());
        stream.Position = Length + 10;
        Assert.Equal(0, stream.Read(new byte[10]));
        Assert.Throws<IOException>(() => stream.Seek(-1, SeekOrigin.Begin));
        stream.Position = 99;
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        Assert.Equal(Expected[99..], copy.ToArray());
        Assert.False(stream.CanWrite);
        Assert.Throws<NotSupportedException>(() => stream.Write([1]));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(1));
    }

    [Fact]
    public async Task An_empty_payload_is_empty_in_every_form()
    {
        Requester requester = Own();
        await StartResponderAsync();
        using Response response = requester.Request("bytes 0 0");
        Assert.True(response.Span.IsEmpty);
        Assert.True(response.Memory.IsEmpty);
        Assert.True(response.AsSequence().IsEmpty);
        Assert.Equal(-1, response.AsStream().ReadByte());
    }

    [Fact]
    public async Task Every_member_of_one_that_is_kept_too_long_throws()
    {
        Response response = await RequestAsync();
        ReadOnlyMemory<byte> memory = response.Memory;
        ReadOnlySequence<byte> sequence = response.AsSequence();
        Stream stream = response.AsStream();
        response.Dispose();

        AssertAllThrow(response);
        AssertAllThrow(default);
        Assert.Throws<ObjectDisposedException>(() => memory.Span[0]);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
        Assert.Throws<ObjectDisposedException>(() => sequence.FirstSpan[0]);
        Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());
        Assert.Throws<ObjectDisposedException>(() => stream.Length);
    }

    [Fact]
    public async Task One_that_is_kept_too_long_says_nothing_of_the_next_and_cannot_end_it()
    {
        Requester requester = Own();
        await StartResponderAsync();
        Response first = requester.Request("bytes 10 1");
        ReadOnlyMemory<byte> memory = first.Memory;
        first.Dispose();
        using Response second = requester.Request("bytes 10 2");
        first.Dispose();
        AssertAllThrow(first);
        Assert.Throws<ObjectDisposedException>(() => memory.Span[0]);
        Assert.NotEqual(first, second);
        Assert.Equal(MadeUp.Bytes(10, 2), second.Span);
        Assert.Throws<InvalidOperationException>(() => requester.Request("bytes 10 3"));
    }

    [Fact]
    public async Task A_second_request_is_refused_until_the_response_is_disposed()
    {
        Requester requester = Own();
        await StartResponderAsync();
        Response response = requester.Request("bytes 10 1");
        Assert.Throws<InvalidOperationException>(() => requester.Request("bytes 10 2"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await requester.RequestAsync("bytes 10 2"));
        Assert.Throws<InvalidOperationException>(requester.Reset);
        Assert.Equal(MadeUp.Bytes(10, 1), response.Span);
        response.Dispose();
        using Response next = requester.Request("bytes 10 2");
        Assert.Equal(MadeUp.Bytes(10, 2), next.Span);
    }

    [Fact]
    public async Task A_second_request_is_refused_while_the_first_waits()
    {
        Requester requester = Own();
        ChappePeer responder = await StartResponderAsync();
        ValueTask<Response> held = requester.RequestAsync("hold 10 1");
        await responder.WaitForLineAsync("holding");
        Assert.Throws<InvalidOperationException>(() => requester.Request("bytes 10 2"));
        Assert.Throws<InvalidOperationException>(requester.Reset);
        responder.Tell("go");
        using Response response = await held;
        Assert.Equal(MadeUp.Bytes(10, 1), response.Span);
    }

    private async Task<Response> RequestAsync()
    {
        Requester requester = Own();
        await StartResponderAsync();
        return await requester.RequestAsync($"bytes {Length} 5");
    }

    private static byte[] ReadWhole(Stream stream)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy, 1000);
        return copy.ToArray();
    }

    private static unsafe ReadOnlySpan<byte> SpanAtPointer(in Response response) => new(response.GetPointer(), (int)response.Length);

    private static unsafe void AssertAllThrow(Response response)
    {
        Assert.Throws<ObjectDisposedException>(() => response.Header);
        Assert.Throws<ObjectDisposedException>(() => response.Length);
        Assert.Throws<ObjectDisposedException>(() => response.Kind);
        Assert.Throws<ObjectDisposedException>(() => response.MediaType);
        Assert.Throws<ObjectDisposedException>(() => response.Level);
        Assert.Throws<ObjectDisposedException>(() => response.Description);
        Assert.Throws<ObjectDisposedException>(() => response.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => response.Memory);
        Assert.Throws<ObjectDisposedException>(() => response.GetSpan(0, 1).Length);
        Assert.Throws<ObjectDisposedException>(() => (nint)response.GetPointer());
        Assert.Throws<ObjectDisposedException>(() => response.AsSequence());
        Assert.Throws<ObjectDisposedException>(() => response.AsStream().ReadByte());
    }
}
