using System.Text;
using Chappe.Exchange.Peer;

namespace Chappe.Exchange.Tests;

/// <summary>Answers that are errors.</summary>
public sealed class FailureTests : ExchangeTest
{
    [Fact]
    public async Task Every_status_crosses_with_its_message_and_the_next_request_works()
    {
        Requester requester = Own();
        await StartResponderAsync();
        foreach (ResponseStatus status in Enum.GetValues<ResponseStatus>().Where(status => status != ResponseStatus.Ok))
        {
            RequestFailedException failure = Assert.Throws<RequestFailedException>(() => requester.Request($"fail {status} It is so: ä, 日, 🦩."));
            Assert.Equal(status, failure.Status);
            Assert.Equal("It is so: ä, 日, 🦩.", failure.Message);
            AssertWorks(requester);
        }
    }

    [Fact]
    public async Task A_long_message_is_cut_between_two_characters()
    {
        Requester requester = Own();
        await StartResponderAsync();
        RequestFailedException failure = Assert.Throws<RequestFailedException>(() => requester.Request($"fail Forbidden x{string.Concat(Enumerable.Repeat("日", 1000))}"));
        Assert.Equal($"x{string.Concat(Enumerable.Repeat("日", 341))}", failure.Message);
        Assert.Equal(1024, Encoding.UTF8.GetByteCount(failure.Message));
    }

    [Fact]
    public async Task An_exception_in_the_responder_tells_the_requester_its_type_and_nothing_more()
    {
        Requester requester = Own();
        await StartResponderAsync();
        RequestFailedException failure = Assert.Throws<RequestFailedException>(() => requester.Request("throw"));
        Assert.Equal(ResponseStatus.Internal, failure.Status);
        Assert.Contains(nameof(InvalidOperationException), failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Nobody", failure.Message, StringComparison.Ordinal);
        AssertWorks(requester);
    }

    [Fact]
    public async Task A_handler_that_does_not_answer_is_an_error()
    {
        Requester requester = Own();
        await StartResponderAsync();
        RequestFailedException failure = await Assert.ThrowsAsync<RequestFailedException>(async () => await requester.RequestAsync("nothing"));
        Assert.Equal(ResponseStatus.Internal, failure.Status);
        AssertWorks(requester);
    }

    [Fact]
    public async Task A_payload_beyond_the_requesters_maximum_is_refused_and_the_next_request_works()
    {
        Requester requester = Own(new RequesterOptions { Timeout = ChildProcess.Patience, MaxPayloadLength = 100_000 });
        await StartResponderAsync();
        Assert.Contains("100,000 (MaxPayloadLength)", Assert.Throws<ProtocolException>(() => requester.Request("bytes 100001 1")).Message, StringComparison.Ordinal);
        AssertWorks(requester);
        using Response response = requester.Request("bytes 100000 1");
        Assert.Equal(MadeUp.Bytes(100_000, 1), response.Span);
    }

    [Fact]
    public async Task A_responder_that_is_stopped_under_a_request_says_that_it_was_cancelled()
    {
        Requester requester = Own();
        ChappePeer responder = await StartResponderAsync();
        ValueTask<Response> held = requester.RequestAsync("hold 1 1");
        await responder.WaitForLineAsync("holding");
        await responder.EndAsync();
        Assert.Equal(ResponseStatus.Cancelled, (await Assert.ThrowsAsync<RequestFailedException>(async () => await held)).Status);
    }

    private static void AssertWorks(Requester requester)
    {
        using Response response = requester.Request("bytes 70000 4");
        Assert.Equal(MadeUp.Bytes(70000, 4), response.Span);
    }
}
