using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Where a <see cref="Responder"/> stands.</summary>
public enum ResponderState
{
    /// <summary>There is no requester yet, or no longer.</summary>
    WaitingForRequester,

    /// <summary>Another responder serves the channel; this one takes over when that one ends.</summary>
    StandingBy,

    /// <summary>Attached: requests come here.</summary>
    Attached,
}

/// <summary>How a <see cref="Responder"/> waits and what it may send.</summary>
public sealed record ResponderOptions
{
    /// <summary>How long <see cref="Responder.Open"/> waits until it is attached. No limit by default.</summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>The largest payload in bytes. This much address space, not memory, is reserved. 4 GiB by default.</summary>
    public long MaxPayloadLength { get; init; } = SharedMemory.DefaultMaxLength;

    /// <summary>The user ids whose channels may be used besides this user's own: they can crash this process. Empty by default.</summary>
    public IReadOnlyCollection<long> AllowedOwners { get; init; } = [];

    /// <summary>What the requester is trusted with. <see cref="PeerTrust.Trusted"/> by default.</summary>
    public PeerTrust Trust { get; init; }

    /// <summary>How long a wait spins before it blocks; <see cref="TimeSpan.Zero"/> to block at once. 50 µs by default.</summary>
    public TimeSpan SpinBudget { get; init; } = NamedSemaphore.DefaultSpinBudget;

    /// <summary>Called on every change of <see cref="Responder.State"/>, on the thread that waits.</summary>
    public Action<ResponderState>? StateChanged { get; init; }

    internal SharedObjectOptions Access => new() { AllowedOwners = AllowedOwners };
}
