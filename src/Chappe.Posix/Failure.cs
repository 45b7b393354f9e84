using System.Runtime.InteropServices;

namespace Chappe.Posix;

/// <summary>Creates the exception for an errno.</summary>
internal static class Failure
{
    /// <summary>
    /// Creates the exception for the errno of the last call. If permission is denied, <paramref name="path"/>, the path of the object's file, provides
    /// the owner for the exception.
    /// </summary>
    internal static Exception FromLastError(string action, string objectName, string? path = null) =>
        FromErrorNumber(Marshal.GetLastPInvokeError(), action, objectName, path);

    /// <inheritdoc cref="FromLastError"/>
    internal static Exception FromErrorNumber(int errorNumber, string action, string objectName, string? path = null)
    {
        string message = $"Cannot {action} '{objectName}': {Describe(errorNumber)}";
        PosixError error = Classify(errorNumber);
        return error switch
        {
            PosixError.AccessDenied => new SharedObjectAccessException(message, objectName, OwnerOf(path)),
            PosixError.NoSpace => new SharedMemoryFullException(objectName, Environment.SystemPageSize, SharedMemory.AvailableBytes),
            _ => new PosixException(message, error, errorNumber, objectName),
        };
    }

    internal static PosixException NotWhatWasAskedFor(string objectName, string why) =>
        new($"'{objectName}' cannot be used: {why}", PosixError.InvalidObject, 0, objectName);

    private static PosixError Classify(int errorNumber) => errorNumber switch
    {
        Interop.ENOENT or Interop.ENOTDIR or Interop.ENAMETOOLONG => PosixError.NotFound,
        Interop.EEXIST => PosixError.AlreadyExists,
        Interop.EACCES or Interop.EPERM => PosixError.AccessDenied,
        Interop.ENOSPC or Interop.EDQUOT => PosixError.NoSpace,
        Interop.EMFILE or Interop.ENFILE => PosixError.TooManyOpenFiles,
        Interop.ENOMEM => PosixError.OutOfMemory,
        Interop.EXDEV => PosixError.OutsideDirectory,
        Interop.EFBIG => PosixError.TooLarge,
        Interop.ELOOP or Interop.EISDIR or Interop.ENXIO => PosixError.InvalidObject,
        Interop.ENOSYS or Interop.EOPNOTSUPP => PosixError.NotSupported,
        _ => PosixError.Other,
    };

    private static string Describe(int errorNumber) => errorNumber switch
    {
        Interop.EMFILE => $"Too many open files: the limit of this process is {ProcessLimits.OpenFiles} (ulimit -n).",
        Interop.EEXIST => "it already exists. Open it with OpenExisting or OpenOrCreate, or remove it with Delete if no process needs it.",
        Interop.ENFILE => "the machine has too many open files (fs.file-max).",
        _ => Marshal.GetPInvokeErrorMessage(errorNumber) + ".",
    };

    private static long? OwnerOf(string? path)
    {
        try
        {
            return path is not null && FileStatus.TryGet(path, out FileStatus status) ? status.OwnerUserId : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
