namespace Chappe.Exchange;

/// <summary>Which of a channel's objects exist.</summary>
public enum ChannelLevel
{
    /// <summary>Only some objects: a requester is creating the rest, a responder of the basic level waits for a requester, or objects were left behind.</summary>
    Pieces,

    /// <summary>HEAD and DATA exist without CTRL: they belong to a requester of the basic level, alive or dead.</summary>
    Basic,

    /// <summary>CTRL exists.</summary>
    Extended,
}

/// <summary>Whether the process of one side of a channel is alive.</summary>
public enum PeerLiveness
{
    /// <summary>Unknown: a peer of the basic level holds no lock, or CTRL cannot be read.</summary>
    Unknown,

    /// <summary>No process has taken this side yet.</summary>
    None,

    /// <summary>The process holds its lock: it is alive, or stopped by a signal or a debugger.</summary>
    Alive,

    /// <summary>The process has ended or detached.</summary>
    Gone,
}

/// <summary>One side of a channel.</summary>
/// <param name="Liveness">Whether its process is alive.</param>
/// <param name="ProcessId">The id of the current or last process in its own PID namespace; null if it is unknown.</param>
public readonly record struct PeerSnapshot(PeerLiveness Liveness, int? ProcessId);

/// <summary>The state of a channel at one moment, see <see cref="ChannelCatalog"/>. It may have changed since.</summary>
public sealed record ChannelSnapshot
{
    /// <summary>The channel.</summary>
    public required ChannelName Channel { get; init; }

    /// <summary>Which of its objects exist.</summary>
    public required ChannelLevel Level { get; init; }

    /// <summary>The objects that exist.</summary>
    public required IReadOnlyList<ChannelObject> Objects { get; init; }

    /// <summary>The requester.</summary>
    public PeerSnapshot Requester { get; init; }

    /// <summary>The responder that serves the channel. Responders that stand by are not visible.</summary>
    public PeerSnapshot Responder { get; init; }

    /// <summary>The number of times the channel has been created; 0 while the first creation is in progress, null if it is unknown.</summary>
    public long? Generation { get; init; }

    /// <summary>The time since the last request; null if there was none, or if the time is unknown.</summary>
    public TimeSpan? SinceLastRequest { get; init; }

    /// <summary>Whether a response to the last request may still come; null if it is unknown.</summary>
    public bool? IsRequestPending { get; init; }

    /// <summary>A sentence about an irregularity; null if there is none.</summary>
    public string? Remark { get; init; }
}
