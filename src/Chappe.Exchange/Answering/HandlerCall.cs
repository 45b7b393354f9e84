namespace Chappe.Exchange;

/// <summary>One request in the hands of a handler: whatever the handler does, the request is answered.</summary>
internal static class HandlerCall
{
    /// <returns>The exception that the handler threw; null if it threw none.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled, and the handler stopped for it.</exception>
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
#pragma warning disable CA1031 // A request that fails must not end the run. The exception reaches the caller in the summary.
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
