namespace Chappe.Exchange;

/// <summary>Answers requests: <see cref="FileDirectory"/> does it with files, a program of yours with what it makes.</summary>
public interface IRequestHandler
{
    /// <summary>
    /// Answers one request by <see cref="Request.Complete(ResponseHeader, PayloadKind, string?)"/> or <see cref="Request.Fail"/>.
    /// A <see cref="RequestFailedException"/> thrown from here becomes the answer's status and message; any other exception
    /// becomes <see cref="ResponseStatus.Internal"/>. An exception thrown after the answer leaves that answer as it is. In every case the responder
    /// goes on with the next request, and <see cref="ServedRequest.Exception"/> holds the exception.
    /// </summary>
    /// <param name="request">The request; valid until it is answered.</param>
    /// <param name="cancellationToken">Cancelled when the responder is to stop.</param>
    ValueTask HandleAsync(Request request, CancellationToken cancellationToken);
}
