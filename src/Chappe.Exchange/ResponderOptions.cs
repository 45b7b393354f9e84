using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The state of a <see cref="Responder"/>.</summary>
public enum ResponderState
{
    /// <summary>There is no requester.</summary>
    WaitingForRequester,

    /// <summary>Another responder serves the channel. This one takes over when the other ends.</summary>
    StandingBy,

    /// <summary>The responder is attached and receives requests.</summary>
    Attached,
}

/// <summary>Options of a <see cref="Responder"/>.</summary>
public sealed record ResponderOptions
{
    /// <summary>How long <see cref="Responder.Open"/> waits until the responder is attached. The default is no limit.</summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>The largest payload in bytes. The responder reserves this much address space, not memory. The default is 4 GiB.</summary>
    public long MaxPayloadLength { get; init; } = SharedMemory.DefaultMaxLength;

    /// <summary>The ids of other users whose channels may be used. These users can crash this process. The default is none.</summary>
    public IReadOnlyCollection<long> AllowedOwners { get; init; } = [];

    /// <summary>Whether the requester is trusted. The default is <see cref="PeerTrust.Trusted"/>.</summary>
    public PeerTrust Trust { get; init; }

    /// <summary>How long a wait spins before it blocks; <see cref="TimeSpan.Zero"/> to block at once. The default is 50 µs.</summary>
    public TimeSpan SpinBudget { get; init; } = NamedSemaphore.DefaultSpinBudget;

    /// <summary>Called when <see cref="Responder.State"/> changes, on the thread that waits.</summary>
    public Action<ResponderState>? StateChanged { get; init; }

    internal SharedObjectOptions Access => new() { AllowedOwners = AllowedOwners };
}
