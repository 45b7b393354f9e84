namespace Chappe.Posix;

/// <summary>Who may use a semaphore or a segment, and whose this process trusts.</summary>
public record SharedObjectOptions
{
    /// <summary>The permissions of an object that is made, whatever the umask. 0600 by default.</summary>
    public UnixFileMode Mode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The group id of an object that is made; null for this process's own.</summary>
    public int? GroupId { get; init; }

    /// <summary>
    /// The user ids whose objects may be opened besides this user's own. Anyone who may write to an object can crash whoever
    /// maps it, by truncating it. Empty by default.
    /// </summary>
    public IReadOnlyCollection<long> AllowedOwners { get; init; } = [];

    internal static SharedObjectOptions Default { get; } = new();

    /// <summary>Refuses an object that is not a regular file of an allowed owner.</summary>
    internal void Check(in FileStatus status, string name)
    {
        if (!status.IsRegularFile)
        {
            throw Failure.NotWhatWasAskedFor(name, "it is not a regular file.");
        }

        if (status.OwnerUserId != Interop.EffectiveUserId() && !AllowedOwners.Contains(status.OwnerUserId))
        {
            throw new SharedObjectAccessException(
                $"'{name}' belongs to user {status.OwnerUserId}, not to this one ({Interop.EffectiveUserId()}). Name that user as an allowed owner if you trust it.",
                name,
                status.OwnerUserId);
        }
    }
}

/// <summary>How a segment is made and mapped.</summary>
public sealed record SharedMemoryOptions : SharedObjectOptions
{
    /// <summary>
    /// The most the segment may become, in bytes. Address space, not memory, is reserved for it, once; it can never grow beyond. 4 GiB by default.
    /// </summary>
    public long MaxLength { get; init; } = SharedMemory.DefaultMaxLength;

    internal static new SharedMemoryOptions Default { get; } = new();
}
