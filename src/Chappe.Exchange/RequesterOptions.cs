using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Options of a <see cref="Requester"/>: how it creates its channel and waits for responses.</summary>
public sealed record RequesterOptions
{
    /// <summary>The time limit of a request, including the wait for a responder. The default is 30 s; <see cref="Timeout.InfiniteTimeSpan"/> means no limit.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest payload in bytes. The channel reserves this much address space, not memory. The default is 4 GiB.</summary>
    public long MaxPayloadLength { get; init; } = SharedMemory.DefaultMaxLength;

    /// <summary>The permissions of all objects of the channel, regardless of the umask. The default is 0600.</summary>
    public UnixFileMode Mode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The group id of all objects of the channel; null for the group of this process.</summary>
    public int? GroupId { get; init; }

    /// <summary>The ids of other users whose objects may be opened. These users can crash this process. The default is none.</summary>
    public IReadOnlyCollection<long> AllowedOwners { get; init; } = [];

    /// <summary>
    /// Whether to replace objects of a requester of the basic level that have the channel's names. Such a requester may still be using them.
    /// A channel of a living requester of the extended level is never replaced.
    /// </summary>
    public bool TakeOver { get; init; }

    /// <summary>Whether the responder is trusted. The default is <see cref="PeerTrust.Trusted"/>.</summary>
    public PeerTrust Trust { get; init; }

    /// <summary>How long a wait spins before it blocks; <see cref="TimeSpan.Zero"/> to block at once. The default is 50 µs.</summary>
    public TimeSpan SpinBudget { get; init; } = NamedSemaphore.DefaultSpinBudget;

    internal SharedObjectOptions Access => new() { Mode = Mode, GroupId = GroupId, AllowedOwners = AllowedOwners };
}
