namespace Chappe.Posix;

/// <summary>A semaphore, a segment or a file could not be opened, made or used; <see cref="Error"/> says why.</summary>
public class PosixException : IOException
{
    /// <summary>Makes the exception.</summary>
    public PosixException(string message, PosixError error, int errorNumber = 0, string? objectName = null)
        : base(message)
    {
        Error = error;
        ErrorNumber = errorNumber;
        ObjectName = objectName;
    }

    /// <summary>What went wrong.</summary>
    public PosixError Error { get; }

    /// <summary>The errno, 0 where no system call failed.</summary>
    public int ErrorNumber { get; }

    /// <summary>The name of the semaphore, segment or file.</summary>
    public string? ObjectName { get; }
}

/// <summary>/dev/shm has no room for what was asked; nothing was made.</summary>
public class SharedMemoryFullException : PosixException
{
    /// <summary>Makes the exception.</summary>
    public SharedMemoryFullException(string? objectName, long needed, long available)
        : base(
            $"No room in /dev/shm for '{objectName}': {needed:N0} more bytes are needed, {available:N0} are available"
            + (available < needed ? ". " : ", but it may have too many files (df -i), or others took the room for a moment. ")
            + "Free some, or make it larger: docker run --shm-size, an emptyDir of medium Memory with a larger sizeLimit in Kubernetes, "
            + "or the size= option of the tmpfs (mount -o remount,size=...).",
            PosixError.NoSpace,
            Interop.ENOSPC,
            objectName)
    {
        Needed = needed;
        Available = available;
    }

    /// <summary>The bytes that were still needed.</summary>
    public long Needed { get; }

    /// <summary>The bytes that were free at that moment.</summary>
    public long Available { get; }
}

/// <summary>Permission is denied, or the object belongs to a user that was not named as allowed.</summary>
public class SharedObjectAccessException : UnauthorizedAccessException
{
    /// <summary>Makes the exception.</summary>
    public SharedObjectAccessException(string message, string? objectName, long? ownerUserId)
        : base(message)
    {
        ObjectName = objectName;
        OwnerUserId = ownerUserId;
    }

    /// <summary>The name of the semaphore, segment or file.</summary>
    public string? ObjectName { get; }

    /// <summary>The user id of its owner, null where it could not be read.</summary>
    public long? OwnerUserId { get; }
}
