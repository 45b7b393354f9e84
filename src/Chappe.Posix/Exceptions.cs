namespace Chappe.Posix;

/// <summary>The exception thrown when a semaphore, a segment or a file cannot be opened, created or used. <see cref="Error"/> gives the reason.</summary>
public class PosixException : IOException
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="message">The message: what failed, on which object, and what to do.</param>
    /// <param name="error">The reason.</param>
    /// <param name="errorNumber">The errno of the failed system call, or 0 if none failed.</param>
    /// <param name="objectName">The name of the semaphore, segment or file.</param>
    public PosixException(string message, PosixError error, int errorNumber = 0, string? objectName = null)
        : base(message)
    {
        Error = error;
        ErrorNumber = errorNumber;
        ObjectName = objectName;
    }

    /// <summary>The reason for the failure.</summary>
    public PosixError Error { get; }

    /// <summary>The errno of the failed system call, or 0 if none failed.</summary>
    public int ErrorNumber { get; }

    /// <summary>The name of the semaphore, segment or file.</summary>
    public string? ObjectName { get; }
}

/// <summary>The exception thrown when /dev/shm has too little room. No object was created.</summary>
public class SharedMemoryFullException : PosixException
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="objectName">The name of the semaphore or segment.</param>
    /// <param name="needed">The number of bytes that were still needed.</param>
    /// <param name="available">The number of bytes that were free.</param>
    public SharedMemoryFullException(string? objectName, long needed, long available)
        : base(
            $"No room in /dev/shm for '{objectName}': {needed:N0} more bytes are needed, {available:N0} are available"
            + (available < needed ? ". " : ", but its limit on files may be reached (df -i), or other processes may have filled it for a moment. ")
            + "Free some space or enlarge /dev/shm: docker run --shm-size, an emptyDir of medium Memory with a larger sizeLimit in Kubernetes, "
            + "or the size= option of the tmpfs (mount -o remount,size=...).",
            PosixError.NoSpace,
            Interop.ENOSPC,
            objectName)
    {
        Needed = needed;
        Available = available;
    }

    /// <summary>The number of bytes that were still needed.</summary>
    public long Needed { get; }

    /// <summary>The number of bytes that were free when the call failed.</summary>
    public long Available { get; }
}

/// <summary>
/// The exception thrown when permission is denied, or when the object belongs to a user that is not among the
/// <see cref="SharedObjectOptions.AllowedOwners"/>.
/// </summary>
public class SharedObjectAccessException : UnauthorizedAccessException
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="message">The message: what failed, on which object, and what to do.</param>
    /// <param name="objectName">The name of the semaphore, segment or file.</param>
    /// <param name="ownerUserId">The user id of the object's owner, or null if it could not be read.</param>
    public SharedObjectAccessException(string message, string? objectName, long? ownerUserId)
        : base(message)
    {
        ObjectName = objectName;
        OwnerUserId = ownerUserId;
    }

    /// <summary>The name of the semaphore, segment or file.</summary>
    public string? ObjectName { get; }

    /// <summary>The user id of the object's owner, or null if it could not be read.</summary>
    public long? OwnerUserId { get; }
}
