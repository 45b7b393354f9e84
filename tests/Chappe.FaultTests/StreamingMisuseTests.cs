using Chappe.Exchange;
using Chappe.FaultPeer;

namespace Chappe.FaultTests;

/// <summary>A handler, in this process, that uses a streamed answer wrongly: a typed error, and the request can be ended all the same.</summary>
public sealed class StreamingMisuseTests
{
    private const string Name = "misused-70000";

    private static readonly ResponseHeader Header = new(70_000);

    [Theory]
    [InlineData("Start")]
    [InlineData("Complete with a header")]
    public async Task A_started_answer_is_neither_started_nor_given_again(string misuse) => await MisuseAsync("stream=1", request =>
    {
        Fill(request);
        request.Start(Header);
        Assert.Throws<InvalidOperationException>(() =>
        {
            if (misuse == "Start")
            {
                request.Start(Header);
            }
            else
            {
                request.Complete(Header);
            }
        });
        Assert.True(request.Advance(70_000));
        request.Complete();
    });

    [Fact]
    public async Task A_progress_that_goes_back_or_beyond_the_payload_is_refused() => await MisuseAsync("stream=1", request =>
    {
        Fill(request);
        request.Start(Header);
        foreach (long wrong in (long[])[-1, long.MinValue, 70_001, long.MaxValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => request.Advance(wrong));
        }

        Assert.True(request.Advance(50_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => request.Advance(49_999));
        Assert.True(request.Advance(50_000));
        request.Complete();
    });

    [Fact]
    public async Task An_answer_that_is_not_started_neither_advances_nor_ends() => await MisuseAsync("stream=1", request =>
    {
        Fill(request);
        Assert.Throws<InvalidOperationException>(() => request.Advance(1));
        Assert.Throws<InvalidOperationException>(request.Complete);
        Assert.Throws<ArgumentException>(() => request.Start(new ResponseHeader(70_001)));
        Assert.Throws<ArgumentOutOfRangeException>(() => request.Start(Header, PayloadKind.Error));
        Assert.Throws<InvalidOperationException>(() => request.Advance(1));
        request.Complete(Header);
    });

    [Fact]
    public async Task An_answer_that_is_wanted_whole_cannot_be_started() => await MisuseAsync("", request =>
    {
        Fill(request);
        Assert.False(request.MayStream);
        Assert.Throws<InvalidOperationException>(() => request.Start(Header));
        request.Complete(Header);
    });

    [Fact]
    public async Task A_started_answer_that_is_let_go_is_cancelled()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        using Responder responder = Responder.Open(scene.Channel, cancellationToken: TestContext.Current.CancellationToken);
        requester.Tell($"ask {Name} stream=1");
        using (Request request = responder.Receive(TestContext.Current.CancellationToken))
        {
            Fill(request);
            request.Start(Header);
            request.Advance(35_000);
            await requester.HearAsync("begun 70000");
        }

        await requester.HearAsync("error RequestFailedException");
        responder.Dispose();
        PeerProcess next = await scene.ResponderAsync("stream=1");
        await Scene.ExchangeHundredAsync(requester, "stream=1");
        await scene.EndAsync(requester, next);
    }

    [Fact]
    public async Task An_empty_answer_that_is_started_is_an_answer_only_when_it_is_ended()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        using Responder responder = Responder.Open(scene.Channel, cancellationToken: TestContext.Current.CancellationToken);
        requester.Tell("ask none-0 stream=1");
        Request request = responder.Receive(TestContext.Current.CancellationToken);
        request.Start(default);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        request.Fail(ResponseStatus.Unreadable, "The disk is gone.");
        await requester.HearAsync("error RequestFailedException");
        requester.Tell("ask none-0 stream=1");
        request = responder.Receive(TestContext.Current.CancellationToken);
        request.Start(default);
        request.Complete();
        await requester.HearAsync("begun 0");
        await requester.HearAsync("answer right");
        responder.Dispose();
        await scene.EndAsync(requester);
    }

    /// <summary>Whatever was refused in between, the requester gets the payload whole and right, and then a hundred more.</summary>
    private static async Task MisuseAsync(string options, Action<Request> handler)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        using Responder responder = Responder.Open(scene.Channel, cancellationToken: TestContext.Current.CancellationToken);
        requester.Tell($"ask {Name} {options}");
        handler(responder.Receive(TestContext.Current.CancellationToken));
        if (options.Length > 0)
        {
            await requester.HearAsync("begun 70000");
        }

        await requester.HearAsync("answer right");
        responder.Dispose();
        PeerProcess next = await scene.ResponderAsync("stream=1");
        await Scene.ExchangeHundredAsync(requester, options);
        await scene.EndAsync(requester, next);
    }

    private static void Fill(Request request) => Payload.Fill(request.NameBytes, request.GetSpan(Header.Length), 0);
}
