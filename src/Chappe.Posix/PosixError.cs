namespace Chappe.Posix;

/// <summary>What went wrong with a semaphore, a segment or a file, told apart without looking at text.</summary>
public enum PosixError
{
    /// <summary>None of the others; <see cref="PosixException.ErrorNumber"/> has the errno.</summary>
    Other,

    /// <summary>There is nothing of that name.</summary>
    NotFound,

    /// <summary>The name is taken.</summary>
    AlreadyExists,

    /// <summary>Permission is denied, or the object belongs to somebody else.</summary>
    AccessDenied,

    /// <summary>/dev/shm, or the quota on it, is full.</summary>
    NoSpace,

    /// <summary>This process, or the machine, has too many open files.</summary>
    TooManyOpenFiles,

    /// <summary>Memory, or address space, is short.</summary>
    OutOfMemory,

    /// <summary>What stands under the name is not what was asked for: not a regular file, or of the wrong size.</summary>
    InvalidObject,

    /// <summary>The path leads out of the directory it is confined to, or through a symbolic link that is not followed there.</summary>
    OutsideDirectory,

    /// <summary>The kernel or the file system cannot do it.</summary>
    NotSupported,

    /// <summary>The file would become longer than this process may make one: <c>ulimit -f</c>, RLIMIT_FSIZE.</summary>
    TooLarge,
}
