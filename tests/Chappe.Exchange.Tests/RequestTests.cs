using System.Buffers;
using System.Text;
using Chappe.Exchange.Peer;

namespace Chappe.Exchange.Tests;

/// <summary>Answering by hand, with the responder in this process and the requester in another.</summary>
public sealed class RequestTests : ExchangeTest
{
    [Fact]
    public async Task A_request_is_answered_from_the_segment_itself()
    {
        (ChappePeer requester, Responder responder) = await OpenAsync();
        byte[] payload = MadeUp.Bytes(200_000, seed: 2);
        requester.Tell("options", "File", "60000");
        requester.Tell("ask", "größe 日");

        Request request = await responder.ReceiveAsync();
        Assert.Equal("größe 日", request.Name);
        Assert.Equal(Encoding.UTF8.GetBytes("größe 日"), request.NameBytes);
        Assert.Equal((RequestKind.File, ExchangeLevel.Extended), (request.Kind, request.Level));
        payload.CopyTo(request.GetSpan(payload.Length));
        request.Complete(new ResponseHeader(payload.Length, 400, 500, 1), PayloadKind.Pixels, "image/x-test");

        Assert.Equal(
            string.Join('\t', "größe 日", "200000", "400", "500", "1", "Pixels", "image/x-test", "Extended", MadeUp.Hash(new ReadOnlySequence<byte>(payload))),
            await requester.ReadLineAsync());
    }

    [Fact]
    public async Task One_that_is_kept_too_long_throws_and_cannot_answer_the_next()
    {
        (ChappePeer requester, Responder responder) = await OpenAsync();
        requester.Tell("ask", "first", "second");
        Request first = responder.Receive();
        first.Complete(default);
        AssertAllThrow(first);
        AssertAllThrow(default);

        using Request second = responder.Receive();
        first.Dispose();
        AssertAllThrow(first);
        Assert.NotEqual(first, second);
        Assert.Equal("second", second.Name);
        second.Complete(default, PayloadKind.File);
        Assert.StartsWith("first\t0\t0\t0\t0\tBytes", await requester.ReadLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("second\t0\t0\t0\t0\tFile", await requester.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_let_go_without_an_answer_is_cancelled()
    {
        (ChappePeer requester, Responder responder) = await OpenAsync();
        requester.Tell("ask", "first");
        responder.Receive().Dispose();
        Assert.StartsWith("!\tRequestFailedException\tCancelled", await requester.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_is_not_received_before_the_last_is_answered()
    {
        (ChappePeer requester, Responder responder) = await OpenAsync();
        requester.Tell("ask", "first");
        Request request = responder.Receive();
        Assert.Throws<InvalidOperationException>(() => responder.Receive());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await responder.ReceiveAsync());
        request.Complete(default);
        Assert.StartsWith("first\t0", await requester.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PeerTrust.Trusted)]
    [InlineData(PeerTrust.Untrusted)]
    public async Task What_was_written_before_is_kept_when_more_room_is_made(PeerTrust trust)
    {
        (ChappePeer requester, Responder responder) = await OpenAsync(new ResponderOptions { Trust = trust });
        requester.Tell("ask", "first");
        Request request = responder.Receive();
        byte[] payload = MadeUp.Bytes(5 << 20, seed: 3);
        Span<byte> small = request.GetSpan(1000);
        payload.AsSpan(0, 500).CopyTo(small);
        Span<byte> large = request.GetSpan(payload.Length);
        Assert.Equal(payload.AsSpan(0, 500), large[..500]);

        // The first is still memory of this request's, even where it is no longer what is sent.
        small.Clear();
        payload.CopyTo(large);
        request.Complete(new ResponseHeader(payload.Length));
        Assert.EndsWith(MadeUp.Hash(new ReadOnlySequence<byte>(payload)), await requester.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_answer_can_be_is_an_argument_error_and_the_request_can_still_be_answered()
    {
        (ChappePeer requester, Responder responder) = await OpenAsync(new ResponderOptions { MaxPayloadLength = 1 << 20 });
        requester.Tell("ask", "first");
        Request request = responder.Receive();
        Assert.Throws<ArgumentOutOfRangeException>(() => request.GetSpan(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => request.GetSpan(1L << 31).Length);
        Assert.Throws<ArgumentException>(() => request.Complete(new ResponseHeader(-1)));
        Assert.Throws<ArgumentException>(() => request.Complete(new ResponseHeader(1, -1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => request.Complete(default, PayloadKind.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => request.Complete(default, PayloadKind.Error));
        Assert.Throws<ArgumentOutOfRangeException>(() => request.Complete(default, (PayloadKind)17));
        Assert.Throws<ArgumentException>(() => request.Complete(default, PayloadKind.Bytes, "text/größe"));
        Assert.Throws<ArgumentException>(() => request.Complete(default, PayloadKind.Bytes, new string('x', 129)));
        Assert.Throws<ArgumentException>(() => request.Complete(default, new PayloadDescription { Rank = 9 }));
        Assert.Throws<ArgumentException>(() => request.Complete(default, PayloadDescription.Image(1, 1, 3, ElementType.UInt8, PixelFormat.Rgb)));
        Assert.Throws<ArgumentException>(() => request.Complete(new ResponseHeader(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => request.Fail(ResponseStatus.Ok, "well"));
        Assert.Throws<ArgumentOutOfRangeException>(() => request.Fail((ResponseStatus)99, "?"));
        Assert.Throws<ArgumentNullException>(() => request.Fail(ResponseStatus.NotFound, null!));
        Assert.Equal(ResponseStatus.TooLarge, Assert.Throws<RequestFailedException>(() => request.GetSpan((1 << 20) + 1).Length).Status);
        request.Complete(default, PayloadKind.Bytes, new string('x', 128));
        Assert.Equal($"first\t0\t0\t0\t0\tBytes\t{new string('x', 128)}\tExtended\t{MadeUp.Hash(default)}", await requester.ReadLineAsync());
    }

    [Fact]
    public async Task A_list_crosses_whatever_the_names()
    {
        Requester requester = Own();
        Responder responder = Keep(await Responder.OpenAsync(Channel));
        string[] names = ["", "a b", "two\nlines", "日本"];
        Task answering = Task.Run(() =>
        {
            Request request = responder.Receive();
            Assert.Equal(RequestKind.List, request.Kind);
            Assert.Equal("", request.Name);
            byte[] payload = NameList.Format(names);
            payload.CopyTo(request.GetSpan(payload.Length));
            request.Complete(new ResponseHeader(payload.Length), PayloadKind.List);
        });
        Assert.Equal(names, requester.List());
        await answering;
    }

    [Fact]
    public async Task A_run_ends_after_so_many_requests_and_does_not_count_lists()
    {
        Directory.Write("a.txt", [1]);
        Requester requester = Own();
        ChappePeer responder = await StartFileResponderAsync("count=3");
        requester.Request("a").Dispose();
        requester.List();
        Assert.Throws<RequestFailedException>(() => requester.Request("b"));
        requester.List();
        requester.Request("a").Dispose();
        Assert.Equal("served\ta\tOk", await responder.ReadLineAsync());
        Assert.Equal("served\tb\tNotFound", await responder.ReadLineAsync());
        Assert.Equal("served\ta\tOk", await responder.ReadLineAsync());
        Assert.Equal("done", await responder.ReadLineAsync());
    }

    [Fact]
    public async Task A_basic_requester_gets_an_empty_answer_for_what_is_not_there_and_the_next_request_works()
    {
        Directory.Write("apple.txt", [1, 2, 3]);
        ChappePeer responder = await StartPeerAsync();
        responder.Tell("serve", Channel, Directory.Path);
        BasicPeer requester = StartBasic("server", "plum", "../apple.txt", "apple");
        Assert.StartsWith("plum 0 0 0 0 ", await requester.ReadLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("../apple.txt 0 0 0 0 ", await requester.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal($"apple 3 0 0 0 {MadeUp.Hash(new ReadOnlySequence<byte>([1, 2, 3]))}", await requester.ReadLineAsync());
        await responder.WaitForLineAsync("served\tplum\tNotFound");
        await responder.WaitForLineAsync("served\t../apple.txt\tForbidden");
        Assert.Equal(0, await requester.WaitForExitAsync());
    }

    private async Task<(ChappePeer Requester, Responder Responder)> OpenAsync(ResponderOptions? options = null)
    {
        ChappePeer requester = await StartRequesterAsync();
        return (requester, Keep(await Responder.OpenAsync(Channel, options)));
    }

    private static unsafe void AssertAllThrow(Request request)
    {
        Assert.Throws<ObjectDisposedException>(() => request.Name);
        Assert.Throws<ObjectDisposedException>(() => request.NameBytes.Length);
        Assert.Throws<ObjectDisposedException>(() => request.Kind);
        Assert.Throws<ObjectDisposedException>(() => request.Level);
        Assert.Throws<ObjectDisposedException>(() => request.GetSpan(1).Length);
        Assert.Throws<ObjectDisposedException>(() => (nint)request.GetPointer(1));
        Assert.Throws<ObjectDisposedException>(() => request.Complete(default));
        Assert.Throws<ObjectDisposedException>(() => request.Fail(ResponseStatus.NotFound, ""));
    }
}
