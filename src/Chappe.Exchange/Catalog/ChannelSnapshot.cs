namespace Chappe.Exchange;

/// <summary>How much of a channel stands.</summary>
public enum ChannelLevel
{
    /// <summary>Some of its objects only: a requester is about to make the rest, a responder of the basic level waits for one, or something was left.</summary>
    Pieces,

    /// <summary>HEAD and DATA without CTRL: a requester of the basic level, living or dead.</summary>
    Basic,

    /// <summary>CTRL stands.</summary>
    Extended,
}

/// <summary>Whether one side of a channel is there.</summary>
public enum PeerLiveness
{
    /// <summary>It cannot be known: a peer of the basic level holds no lock, and a CTRL that may not be read tells nothing.</summary>
    Unknown,

    /// <summary>None has been there yet.</summary>
    None,

    /// <summary>Its process lives, or is stopped: the kernel holds its lock.</summary>
    Alive,

    /// <summary>It was there; its process ended, or it detached.</summary>
    Gone,
}

/// <summary>One side of a channel.</summary>
/// <param name="Liveness">Whether it is there.</param>
/// <param name="ProcessId">The process that is there or was there last, as it sees itself; null where it cannot be known. In another container it is another number.</param>
public readonly record struct PeerSnapshot(PeerLiveness Liveness, int? ProcessId);

/// <summary>What stood of a channel at one moment, see <see cref="ChannelCatalog"/>. The two sides may have gone on since.</summary>
public sealed record ChannelSnapshot
{
    /// <summary>The channel.</summary>
    public required ChannelName Channel { get; init; }

    /// <summary>How much of it stands.</summary>
    public required ChannelLevel Level { get; init; }

    /// <summary>Those of its objects that exist.</summary>
    public required IReadOnlyList<ChannelObject> Objects { get; init; }

    /// <summary>The requester.</summary>
    public PeerSnapshot Requester { get; init; }

    /// <summary>The responder that serves the channel. Whether others stand by cannot be known.</summary>
    public PeerSnapshot Responder { get; init; }

    /// <summary>How many homes the channel has had; 0 while the first is being made, null where it cannot be known.</summary>
    public long? Generation { get; init; }

    /// <summary>The time since the last request was asked; null if none was, or it cannot be known.</summary>
    public TimeSpan? SinceLastRequest { get; init; }

    /// <summary>Whether an answer to the last request may still come; null where it cannot be known.</summary>
    public bool? IsRequestPending { get; init; }

    /// <summary>What is odd about it, in a sentence; null for nothing.</summary>
    public string? Remark { get; init; }
}
