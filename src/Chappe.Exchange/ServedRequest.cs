namespace Chappe.Exchange;

/// <summary>The outcome of one request, for logs and user interfaces.</summary>
/// <param name="Name">The name that was asked for. Bytes that are not valid UTF-8 are replaced by U+FFFD.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="Message">The message that was sent with a status other than <see cref="ResponseStatus.Ok"/>; null otherwise.</param>
/// <param name="Header">The header that was sent.</param>
/// <param name="Kind">The kind of payload that was sent.</param>
/// <param name="MediaType">The media type that was sent; null for none.</param>
/// <param name="Level">The protocol level of the requester.</param>
/// <param name="Elapsed">The time from the receipt of the request to the end of the handler.</param>
public readonly record struct ServedRequest(
    string Name,
    ResponseStatus Status,
    string? Message,
    ResponseHeader Header,
    PayloadKind Kind,
    string? MediaType,
    ExchangeLevel Level,
    TimeSpan Elapsed)
{
    /// <summary>The exception that the handler threw, before or after it answered; null if it did not throw.</summary>
    public Exception? Exception { get; init; }
}
