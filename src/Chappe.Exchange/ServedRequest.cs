namespace Chappe.Exchange;

/// <summary>What became of one request, for whoever wants to show or log it.</summary>
/// <param name="Name">What was asked for; bytes that are no UTF-8 are shown as U+FFFD.</param>
/// <param name="Status">How it was answered.</param>
/// <param name="Message">The text that went with a status other than <see cref="ResponseStatus.Ok"/>.</param>
/// <param name="Header">The header that was sent.</param>
/// <param name="Kind">What was sent.</param>
/// <param name="MediaType">The media type that was sent, null for none.</param>
/// <param name="Level">What the requester spoke.</param>
/// <param name="Elapsed">From the moment the request was seen to the post of the answer.</param>
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
    /// <summary>The exception that the handler threw, before or after it answered; null if it threw none.</summary>
    public Exception? Exception { get; init; }

    internal static ServedRequest Of(in Answer answer, ExchangeLevel level) =>
        new("", ResponseStatus.Ok, null, answer.Header, answer.Kind, answer.MediaType, level, default);

    internal static ServedRequest Failed(ResponseStatus status, string message, ExchangeLevel level) =>
        new("", status, message, default, PayloadKind.Error, null, level, default);
}
