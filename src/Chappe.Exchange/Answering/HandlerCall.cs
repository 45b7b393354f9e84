namespace Chappe.Exchange;

/// <summary>Calls a handler and ensures that the request is answered, even if the handler throws or returns without an answer.</summary>
internal static class HandlerCall
{
    /// <returns>The exception that the handler threw; null if it did not throw.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled, and the handler ended because of it.</exception>
    internal static async ValueTask<Exception?> RunAsync(IRequestHandler handler, Request request, CancellationToken cancellationToken)
    {
        try
        {
            await handler.HandleAsync(request, cancellationToken).ConfigureAwait(false);
            FailIfUnanswered(request, ResponseStatus.Internal, "The responder's handler did not answer.");
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            FailIfUnanswered(request, ResponseStatus.Cancelled, "The responder was stopped.");
            throw;
        }
#pragma warning disable CA1031 // A failed request must not end the loop. The exception reaches the caller in the summary.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            (ResponseStatus status, string message) = Failures.Describe(exception);
            FailIfUnanswered(request, status, message);
            return exception;
        }
    }

    private static void FailIfUnanswered(Request request, ResponseStatus status, string message)
    {
        if (request.IsUnanswered)
        {
            request.Fail(status, message);
        }
    }
}
