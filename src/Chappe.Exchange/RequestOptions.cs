namespace Chappe.Exchange;

/// <summary>What one request asks for, and how long it may take.</summary>
public readonly record struct RequestOptions
{
    /// <summary>What is asked for. By default whatever the client prefers.</summary>
    public RequestKind Kind { get; init; }

    /// <summary>How long this request may take; null for <see cref="RequesterOptions.Timeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Throws <see cref="PeerLostException"/> when the client dies with the request in hand.
    /// By default the request goes to the next client, until its own deadline.
    /// </summary>
    public bool FailWhenPeerIsLost { get; init; }
}
