namespace Chappe.Exchange.Peer;

/// <summary>The lines that are printed, their words parted by tabs.</summary>
internal static class Line
{
    internal static string Of(string name, in Response response) => string.Join(
        '\t',
        name,
        response.Length,
        response.Header.Width,
        response.Header.Height,
        response.Header.Channels,
        response.Kind,
        response.MediaType,
        response.Level,
        MadeUp.Hash(response.AsSequence()));

    internal static string Of(PayloadDescription description) => string.Join(
        '\t',
        description.ElementType,
        description.PixelFormat,
        string.Join(',', ((ReadOnlySpan<long>)description.Shape)[..description.Rank].ToArray()),
        string.Join(',', ((ReadOnlySpan<long>)description.Strides)[..description.Rank].ToArray()));

    internal static string Of(Exception exception) => string.Join(
        '\t',
        "!",
        exception.GetType().Name,
        exception switch
        {
            RequestFailedException failed => failed.Status.ToString(),
            ChannelInUseException inUse => inUse.ProcessId?.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => "",
        },
        exception.Message.Replace('\n', ' '));
}
