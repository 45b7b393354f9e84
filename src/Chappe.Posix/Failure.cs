using System.Runtime.InteropServices;

namespace Chappe.Posix;

/// <summary>Makes the exception of an errno.</summary>
internal static class Failure
{
    internal static Exception FromLastError(string action, string objectName) =>
        FromErrorNumber(Marshal.GetLastPInvokeError(), action, objectName);

    internal static Exception FromErrorNumber(int errorNumber, string action, string objectName)
    {
        string message = $"Cannot {action} '{objectName}': {Describe(errorNumber)}";
        PosixError error = Classify(errorNumber);
        return error switch
        {
            PosixError.AccessDenied => new SharedObjectAccessException(message, objectName, OwnerOf(objectName)),
            PosixError.NoSpace => new SharedMemoryFullException(objectName, Environment.SystemPageSize, SharedMemory.AvailableBytes),
            _ => new PosixException(message, error, errorNumber, objectName),
        };
    }

    internal static PosixException NotWhatWasAskedFor(string objectName, string why) =>
        new($"'{objectName}' cannot be used: {why}", PosixError.InvalidObject, 0, objectName);

    private static PosixError Classify(int errorNumber) => errorNumber switch
    {
        Interop.ENOENT or Interop.ENOTDIR or Interop.ENXIO => PosixError.NotFound,
        Interop.EEXIST => PosixError.AlreadyExists,
        Interop.EACCES or Interop.EPERM => PosixError.AccessDenied,
        Interop.ENOSPC or Interop.EDQUOT => PosixError.NoSpace,
        Interop.EMFILE or Interop.ENFILE => PosixError.TooManyOpenFiles,
        Interop.ENOMEM => PosixError.OutOfMemory,
        Interop.EXDEV or Interop.ELOOP => PosixError.OutsideDirectory,
        Interop.ENOSYS or Interop.EOPNOTSUPP => PosixError.NotSupported,
        _ => PosixError.Other,
    };

    private static string Describe(int errorNumber) => errorNumber switch
    {
        Interop.EMFILE => "this process has too many open files (ulimit -n).",
        Interop.ENFILE => "the machine has too many open files (fs.file-max).",
        _ => Marshal.GetPInvokeErrorMessage(errorNumber) + ".",
    };

    private static long? OwnerOf(string objectName) =>
        FileStatus.TryGet(PosixName.SegmentPath(objectName), out FileStatus status)
        || FileStatus.TryGet(PosixName.SemaphorePath(objectName), out status)
            ? status.OwnerUserId
            : null;
}
