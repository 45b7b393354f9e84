namespace Chappe.Exchange;

/// <summary>Options of a single request.</summary>
public readonly record struct RequestOptions
{
    /// <summary>What the request asks for. The default is <see cref="RequestKind.Any"/>.</summary>
    public RequestKind Kind { get; init; }

    /// <summary>The time limit of this request; null for <see cref="RequesterOptions.Timeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Whether to throw <see cref="PeerLostException"/> when the responder dies while it handles the request.
    /// By default the next responder receives the request, within the time limit.
    /// </summary>
    public bool FailWhenPeerIsLost { get; init; }

    /// <summary>
    /// Whether the response may arrive before its payload is complete. Reads then wait for the bytes that they need, and throw <see cref="PeerLostException"/> if the
    /// responder ends first. Streaming is faster for payloads of megabytes that are read once from the beginning, as with <see cref="Response.AsStream"/>.
    /// With <see cref="PeerTrust.Untrusted"/> the payload is always complete.
    /// </summary>
    public bool Streams { get; init; }
}
