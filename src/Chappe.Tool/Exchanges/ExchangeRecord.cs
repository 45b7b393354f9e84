using System.Text.Json.Serialization;
using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>The result of one exchange. In JSON: these properties in this order, in camel case.</summary>
/// <param name="Name">The requested name.</param>
/// <param name="Ok">Whether the request succeeded and its payload was saved.</param>
/// <param name="Status">The outcome: ok, not-found, timeout, ...</param>
/// <param name="Bytes">The length of the payload.</param>
/// <param name="Width">In pixels; 0 if the payload is no image.</param>
/// <param name="Height">In pixels; 0 if the payload is no image.</param>
/// <param name="Channels">Samples per pixel; 0 if the payload is no image.</param>
/// <param name="Kind">The kind of payload: file, pixels, ...</param>
/// <param name="MediaType">The media type of the payload; null if the response has none.</param>
/// <param name="Microseconds">The time from the request to the response, without saving.</param>
/// <param name="File">The path of the saved file; null if not saved.</param>
/// <param name="Message">The reason of a failure; absent on success.</param>
internal sealed record ExchangeRecord(
    string Name,
    bool Ok,
    string Status,
    long Bytes,
    long Width,
    long Height,
    long Channels,
    string Kind,
    string? MediaType,
    long Microseconds,
    string? File,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message)
{
    public static ExchangeRecord Received(string name, Response response, TimeSpan elapsed) =>
        Of(name, ResponseStatus.Ok, null, response.Header, response.Kind, response.MediaType, elapsed);

    public static ExchangeRecord Served(ServedRequest served) =>
        Of(served.Name, served.Status, served.Message, served.Header, served.Kind, served.MediaType, served.Elapsed);

    public static ExchangeRecord Failed(string name, string status, string message, TimeSpan elapsed) =>
        new(name, Ok: false, status, 0, 0, 0, 0, StatusText.Of(PayloadKind.Error), null, Round(elapsed), null, message);

    private static ExchangeRecord Of(
        string name, ResponseStatus status, string? message, ResponseHeader header, PayloadKind kind, string? mediaType, TimeSpan elapsed) =>
        status == ResponseStatus.Ok
            ? new(name, Ok: true, StatusText.Of(status), header.Length, header.Width, header.Height, header.Channels, StatusText.Of(kind), mediaType, Round(elapsed), null, null)
            : Failed(name, StatusText.Of(status), message ?? "", elapsed);

    private static long Round(TimeSpan elapsed) => (long)Math.Round(elapsed.TotalMicroseconds);
}
