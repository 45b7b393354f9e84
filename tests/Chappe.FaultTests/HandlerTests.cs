using Chappe.Exchange;
using Chappe.FaultPeer;

namespace Chappe.FaultTests;

/// <summary>A handler that throws, before or after it has answered.</summary>
public sealed class HandlerTests
{
    [Fact]
    public async Task A_handler_that_throws_after_it_has_answered_costs_neither_that_answer_nor_the_next()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        var served = new List<ServedRequest>();
        using (Responder responder = Responder.Open(scene.Channel, cancellationToken: TestContext.Current.CancellationToken))
        {
            Task running = responder.RunAsync(new Thrower(answersFirst: true), 100, served.Add, TestContext.Current.CancellationToken).AsTask();
            await Scene.ExchangeHundredAsync(requester, "timeout=10000");
            await running;
        }

        Assert.Equal(100, served.Count);
        Assert.All(served, request => Assert.Equal((ResponseStatus.Ok, Thrower.Message), (request.Status, request.Exception?.Message)));
        await scene.EndAsync(requester);
    }

    [Fact]
    public async Task An_exception_that_a_handler_throws_before_it_answers_is_in_the_summary_of_the_request()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        var served = new List<ServedRequest>();
        using (Responder responder = Responder.Open(scene.Channel, cancellationToken: TestContext.Current.CancellationToken))
        {
            Task running = responder.RunAsync(new Thrower(answersFirst: false), 1, served.Add, TestContext.Current.CancellationToken).AsTask();
            await requester.AskAsync("ask wanted-777", "error RequestFailedException");
            await running;
        }

        Assert.Equal([(ResponseStatus.Internal, Thrower.Message)], served.Select(request => (request.Status, request.Exception?.Message)));
        await scene.EndAsync(requester);
    }

    private sealed class Thrower(bool answersFirst) : IRequestHandler
    {
        internal const string Message = "It went wrong here.";

        public ValueTask HandleAsync(Request request, CancellationToken cancellationToken)
        {
            if (answersFirst)
            {
                AfterHostility.Answer(request);
            }

            throw new InvalidOperationException(Message);
        }
    }
}
