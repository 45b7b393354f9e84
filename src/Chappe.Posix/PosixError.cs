namespace Chappe.Posix;

/// <summary>The reason why an operation on a semaphore, a segment or a file failed, so that callers need not parse the message.</summary>
public enum PosixError
{
    /// <summary>Any other error. <see cref="PosixException.ErrorNumber"/> holds the errno.</summary>
    Other,

    /// <summary>No object has that name.</summary>
    NotFound,

    /// <summary>The name is taken.</summary>
    AlreadyExists,

    /// <summary>Permission is denied, or the object belongs to another user.</summary>
    AccessDenied,

    /// <summary>/dev/shm is full, or a quota on it is used up.</summary>
    NoSpace,

    /// <summary>This process or the machine has too many open files.</summary>
    TooManyOpenFiles,

    /// <summary>Memory or address space is exhausted.</summary>
    OutOfMemory,

    /// <summary>The object of that name is not of the expected kind: it is not a regular file, or has the wrong size.</summary>
    InvalidObject,

    /// <summary>The path leads out of the directory it is confined to, or through a symbolic link that is not followed.</summary>
    OutsideDirectory,

    /// <summary>The kernel or the file system does not support the operation.</summary>
    NotSupported,

    /// <summary>The file would exceed the file size limit of this process (<c>ulimit -f</c>, RLIMIT_FSIZE).</summary>
    TooLarge,
}
