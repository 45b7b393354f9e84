using System.Text.Json.Serialization;
using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>What became of one exchange. As JSON it has these properties in this order, in camel case.</summary>
/// <param name="Name">What was asked for.</param>
/// <param name="Ok">Whether it was answered, and saved where it was to be.</param>
/// <param name="Status">How it ended: ok, not-found, timeout, ...</param>
/// <param name="Bytes">The payload's length.</param>
/// <param name="Width">In pixels; 0 for what is no image.</param>
/// <param name="Height">In pixels; 0 for what is no image.</param>
/// <param name="Channels">Samples per pixel; 0 for what is no image.</param>
/// <param name="Kind">What the payload is: file, pixels, ...</param>
/// <param name="MediaType">The payload's media type, null if nobody said.</param>
/// <param name="Microseconds">From the request to the response, saving not included.</param>
/// <param name="File">Where it was saved, null if it was not.</param>
/// <param name="Message">Why it failed; left out when it did not.</param>
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
