using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>How a <see cref="Requester"/> makes its channel and waits on it.</summary>
public sealed record RequesterOptions
{
    /// <summary>How long a request may take, waiting for a responder included. 30 s by default; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest payload in bytes. This much address space, not memory, is reserved. 4 GiB by default.</summary>
    public long MaxPayloadLength { get; init; } = SharedMemory.DefaultMaxLength;

    /// <summary>The permissions of all objects of the channel, whatever the umask. 0600 by default.</summary>
    public UnixFileMode Mode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The group id of all objects of the channel; null for this process's own.</summary>
    public int? GroupId { get; init; }

    /// <summary>The user ids whose objects may be opened besides this user's own: they can crash this process. Empty by default.</summary>
    public IReadOnlyCollection<long> AllowedOwners { get; init; } = [];

    /// <summary>
    /// Removes and replaces objects under the channel's names that a requester of the basic level left, or still uses: nobody can tell.
    /// Never takes a channel from a living requester of the extended level.
    /// </summary>
    public bool TakeOver { get; init; }

    /// <summary>What the responder is trusted with. <see cref="PeerTrust.Trusted"/> by default.</summary>
    public PeerTrust Trust { get; init; }

    /// <summary>How long a wait spins before it blocks; <see cref="TimeSpan.Zero"/> to block at once. 50 µs by default.</summary>
    public TimeSpan SpinBudget { get; init; } = NamedSemaphore.DefaultSpinBudget;

    internal SharedObjectOptions Access => new() { Mode = Mode, GroupId = GroupId, AllowedOwners = AllowedOwners };
}
