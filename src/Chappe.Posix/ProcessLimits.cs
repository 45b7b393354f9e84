namespace Chappe.Posix;

/// <summary>The limits of this process, getrlimit(2).</summary>
internal static class ProcessLimits
{
    /// <summary>The number of file descriptors that may be open at once; <see cref="long.MaxValue"/> if it is not limited.</summary>
    internal static long OpenFiles => Get(Interop.RLIMIT_NOFILE);

    /// <summary>
    /// Whether next to no file can be opened any more. The runtime keeps two descriptors for each assembly, and reports one that it cannot open as missing, and a thread
    /// for which there is no descriptor as short memory.
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

    /// <summary>The length in bytes that a file may reach; <see cref="long.MaxValue"/> if it is not limited.</summary>
    private static long FileSize => Get(Interop.RLIMIT_FSIZE);

    /// <summary>
    /// Throws if this process may not make a file that long. The kernel would send SIGXFSZ, which ends the process unless it is ignored, and how signals are
    /// handled is for the application to decide. The limit is the process's own, so asking first is no race.
    /// </summary>
    /// <exception cref="PosixException"><see cref="PosixError.TooLarge"/></exception>
    internal static void CheckFileSize(string objectName, long length)
    {
        long limit = FileSize;
        if (length > limit)
        {
            throw new PosixException(
                $"'{objectName}' cannot be {length:N0} bytes long: a limit of this process allows files of at most {limit:N0} bytes. "
                + "Raise it with ulimit -f (RLIMIT_FSIZE; LimitFSIZE= in a systemd unit).",
                PosixError.TooLarge,
                Interop.EFBIG,
                objectName);
        }
    }

    private static long Get(int resource) =>
        Interop.GetLimit(resource, out Interop.ResourceLimit limit) == 0 ? (long)Math.Min(limit.Current, long.MaxValue) : long.MaxValue;
}
