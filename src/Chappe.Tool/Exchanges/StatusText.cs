using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>The names of statuses and kinds in the output: lower case, words joined by hyphens.</summary>
internal static class StatusText
{
    public static string Of(ResponseStatus status) => status switch
    {
        ResponseStatus.Ok => "ok",
        ResponseStatus.NotFound => "not-found",
        ResponseStatus.Forbidden => "forbidden",
        ResponseStatus.Ambiguous => "ambiguous",
        ResponseStatus.InvalidName => "invalid-name",
        ResponseStatus.TooLarge => "too-large",
        ResponseStatus.NoSpace => "no-space",
        ResponseStatus.Unreadable => "unreadable",
        ResponseStatus.Unsupported => "unsupported",
        ResponseStatus.Cancelled => "cancelled",
        _ => "internal",
    };

    public static string Of(PayloadKind kind) => kind switch
    {
        PayloadKind.File => "file",
        PayloadKind.Pixels => "pixels",
        PayloadKind.List => "list",
        PayloadKind.Bytes => "bytes",
        PayloadKind.Error => "error",
        _ => "none",
    };
}
