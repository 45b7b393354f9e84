namespace Chappe.Posix;

/// <summary>The resource limits of this process, from getrlimit(2).</summary>
internal static class ProcessLimits
{
    /// <summary>The maximum number of open file descriptors; <see cref="long.MaxValue"/> if unlimited.</summary>
    internal static long OpenFiles => Get(Interop.RLIMIT_NOFILE);

    /// <summary>
    /// Whether the limit on open files is almost reached. The runtime keeps two descriptors for each assembly. It reports an assembly that it cannot open as
    /// missing, and a thread without a descriptor as a lack of memory.
    /// </summary>
    internal static bool AreOpenFilesUsedUp
    {
        get
        {
            const int FewestToGoOn = 8;
            try
            {
                return Directory.GetFileSystemEntries("/proc/self/fd").Length > OpenFiles - FewestToGoOn;
            }
            catch (IOException)
            {
                return true;
            }
        }
    }

    /// <summary>The maximum length of a file in bytes; <see cref="long.MaxValue"/> if unlimited.</summary>
    private static long FileSize => Get(Interop.RLIMIT_FSIZE);

    /// <summary>
    /// Throws if a length exceeds the file size limit of this process. The kernel would send SIGXFSZ, which ends the process unless it is ignored, and signal
    /// handling is the application's decision. The limit belongs to this process, so checking it first is not a race.
    /// </summary>
    /// <exception cref="PosixException"><see cref="PosixError.TooLarge"/></exception>
    internal static void CheckFileSize(string objectName, long length)
    {
        long limit = FileSize;
        if (length > limit)
        {
            throw new PosixException(
                $"'{objectName}' cannot be {length:N0} bytes long: the limit of this process is {limit:N0} bytes a file. "
                + "Raise it with ulimit -f (RLIMIT_FSIZE; LimitFSIZE= in a systemd unit).",
                PosixError.TooLarge,
                Interop.EFBIG,
                objectName);
        }
    }

    private static long Get(int resource) =>
        Interop.GetLimit(resource, out Interop.ResourceLimit limit) == 0 ? (long)Math.Min(limit.Current, long.MaxValue) : long.MaxValue;
}
