using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>Detects the features of the kernel and the C library that Chappe uses. Each probe is a harmless call.</summary>
[SupportedOSPlatform("linux")]
internal static class PosixFeatures
{
    /// <summary>The version of glibc, or null if the C library is another one, such as musl.</summary>
    public static string? GnuVersion =>
        Interop.HasFunction("gnu_get_libc_version") ? Marshal.PtrToStringUTF8(Interop.GnuVersion()) : null;

    /// <summary>openat2(2), Linux 5.6: the kernel confines served files to their root directory.</summary>
    public static bool HasOpenAt2 => IsThere(Interop.ProbeOpenAt2());

    /// <summary>futex_waitv(2), Linux 5.16: one call waits on several semaphores.</summary>
    public static bool HasFutexWaitMultiple => IsThere(Interop.ProbeFutexWaitMultiple());

    /// <summary>
    /// Whether cancellation ends a blocked wait at once, and asynchronous waits share a thread. The first blocked wait, or the first read of this property,
    /// probes libc's semaphores and the kernel once. Without the feature, and while no thread can be started for the probe, waits proceed in slices of
    /// 50 ms.
    /// </summary>
    public static bool HasImmediateWaits => SemaphoreWord.CanWait;

    /// <summary>sem_clockwait(3), glibc 2.30: a wait that changes to the wall clock do not affect.</summary>
    public static bool HasMonotonicSemaphoreWait => Interop.HasFunction("sem_clockwait");

    /// <summary>O_TMPFILE on /dev/shm, Linux 3.11: an object stays invisible until it is complete. Creating any object requires it.</summary>
    /// <exception cref="PosixException">/dev/shm does not exist, or has no room for another file.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    public static bool HasUnnamedFiles
    {
        get
        {
            Platform.Check();
            using SafeFileHandle file = Interop.Open(PosixName.Directory, Interop.O_TMPFILE | Interop.O_RDWR | Interop.O_CLOEXEC, 0x180);
            if (!file.IsInvalid)
            {
                return true;
            }

            // A kernel without O_TMPFILE returns EISDIR, because the path is a directory. A file system without it returns EOPNOTSUPP: open(2).
            int error = Marshal.GetLastPInvokeError();
            return error is Interop.EISDIR or Interop.EOPNOTSUPP or Interop.EINVAL
                ? false
                : throw Failure.FromErrorNumber(error, "create a file in", PosixName.Directory);
        }
    }

    /// <summary>Open-file-description locks, Linux 3.15: they show which processes are alive.</summary>
    /// <exception cref="PosixException">/dev/shm does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    public static bool HasOpenFileDescriptionLocks
    {
        get
        {
            Platform.Check();
            using SafeFileHandle directory = Interop.Open(PosixName.Directory, Interop.O_RDONLY | Interop.O_DIRECTORY | Interop.O_CLOEXEC, 0);
            if (directory.IsInvalid)
            {
                throw Failure.FromLastError("open", PosixName.Directory);
            }

            Interop.LockRange range = new() { Type = Interop.F_WRLCK, Length = 1 };
            return Interop.Control(directory, Interop.F_OFD_GETLK, ref range) == 0;
        }
    }

    /// <summary>The seccomp filter of a container returns EPERM for system calls that it does not know.</summary>
    private static bool IsThere(int error) => error is not (Interop.ENOSYS or Interop.EPERM);
}
