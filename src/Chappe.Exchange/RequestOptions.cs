namespace Chappe.Exchange;

/// <summary>What one request asks for, and how long it may take.</summary>
public readonly record struct RequestOptions
{
    /// <summary>What is asked for. By default whatever the responder prefers.</summary>
    public RequestKind Kind { get; init; }

    /// <summary>How long this request may take; null for <see cref="RequesterOptions.Timeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Throws <see cref="PeerLostException"/> when the responder dies with the request in hand.
    /// By default the request goes to the next responder, until its own deadline.
    /// </summary>
    public bool FailWhenPeerIsLost { get; init; }

    /// <summary>
    /// Lets the responder hand over the payload while it still writes the rest: the response comes with its header, and reading it waits for what is read. A responder
    /// that ends then is <see cref="PeerLostException"/> to the reader. It pays for payloads of megabytes that are read once from the beginning, as by
    /// <see cref="Response.AsStream"/>; not with <see cref="PeerTrust.Untrusted"/>, where they come whole.
    /// </summary>
    public bool Streams { get; init; }
}
