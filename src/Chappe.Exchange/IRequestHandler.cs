namespace Chappe.Exchange;

/// <summary>Answers the requests that a <see cref="Responder"/> receives. <see cref="FileDirectory"/> answers with files; implement this interface for other payloads.</summary>
public interface IRequestHandler
{
    /// <summary>
    /// Answers one request with <see cref="Request.Complete(ResponseHeader, PayloadKind, string?)"/> or <see cref="Request.Fail"/>.
    /// A <see cref="RequestFailedException"/> becomes the status and message of the response; any other exception becomes
    /// <see cref="ResponseStatus.Internal"/>. An exception after the response does not change the response. In every case the responder continues with
    /// the next request, and <see cref="ServedRequest.Exception"/> holds the exception.
    /// </summary>
    /// <param name="request">The request. It is valid until it is answered.</param>
    /// <param name="cancellationToken">Cancelled when the responder stops.</param>
    ValueTask HandleAsync(Request request, CancellationToken cancellationToken);
}
