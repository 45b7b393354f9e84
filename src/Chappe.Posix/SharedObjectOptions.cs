namespace Chappe.Posix;

/// <summary>Options for a semaphore or a segment: which users may use it, and which owners this process trusts.</summary>
public record SharedObjectOptions
{
    /// <summary>The permissions of a created object, regardless of the umask. 0600 by default.</summary>
    public UnixFileMode Mode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The group id of a created object; null for the group of this process.</summary>
    public int? GroupId { get; init; }

    /// <summary>
    /// The ids of the users whose objects may be opened, besides those of the user of this process. Empty by default. A user who may write to an object can
    /// crash every process that maps it, by truncating it.
    /// </summary>
    public IReadOnlyCollection<long> AllowedOwners { get; init; } = [];

    internal static SharedObjectOptions Default { get; } = new();

    /// <summary>Throws if an object is not a regular file of an allowed owner.</summary>
    internal void Check(in FileStatus status, string name)
    {
        if (!status.IsRegularFile)
        {
            throw Failure.NotWhatWasAskedFor(name, "it is not a regular file.");
        }

        if (status.OwnerUserId != Interop.EffectiveUserId() && !AllowedOwners.Contains(status.OwnerUserId))
        {
            throw new SharedObjectAccessException(
                $"'{name}' belongs to user {status.OwnerUserId}, but this process runs as user {Interop.EffectiveUserId()}. "
                + $"If you trust user {status.OwnerUserId}, add it to the allowed owners.",
                name,
                status.OwnerUserId);
        }
    }
}

/// <summary>Options for creating and mapping a segment.</summary>
public sealed record SharedMemoryOptions : SharedObjectOptions
{
    /// <summary>
    /// The maximum length of the segment in bytes. 4 GiB by default. Creating or opening the segment reserves address space, not memory, for this length,
    /// and the segment cannot grow beyond it.
    /// </summary>
    public long MaxLength { get; init; } = SharedMemory.DefaultMaxLength;

    internal static new SharedMemoryOptions Default { get; } = new();
}
