using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>What the kernel and the C library of this machine have of what Chappe uses. Each look is a harmless call.</summary>
[SupportedOSPlatform("linux")]
internal static class PosixFeatures
{
    /// <summary>The version of glibc, null where the C library is another: musl.</summary>
    public static string? GnuVersion =>
        Interop.HasFunction("gnu_get_libc_version") ? Marshal.PtrToStringUTF8(Interop.GnuVersion()) : null;

    /// <summary>openat2(2), Linux 5.6: the kernel keeps the files that are served below their root.</summary>
    public static bool HasOpenAt2 => IsThere(Interop.ProbeOpenAt2());

    /// <summary>futex_waitv(2), Linux 5.16: one wait on several semaphores.</summary>
    public static bool HasFutexWaitMultiple => IsThere(Interop.ProbeFutexWaitMultiple());

    /// <summary>
    /// Whether a blocked wait ends at once when it is cancelled, and asynchronous ones share a thread: libc's semaphores and the kernel are tried, once, at the first
    /// blocked wait or here. Elsewhere waits go in slices of 50 ms, as they do while no thread can be started to try it.
    /// </summary>
    public static bool HasImmediateWaits => SemaphoreWord.CanWait;

    /// <summary>sem_clockwait(3), glibc 2.30: a wait that no change of the wall clock disturbs.</summary>
    public static bool HasMonotonicSemaphoreWait => Interop.HasFunction("sem_clockwait");

    /// <summary>O_TMPFILE on /dev/shm, Linux 3.11: an object that nobody sees half-made. Nothing can be created without it.</summary>
    /// <exception cref="PosixException">There is no /dev/shm, or it has no room for another file.</exception>
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

            // A kernel that does not know it says that this is a directory; a file system that has it not, that it is not supported: open(2).
            int error = Marshal.GetLastPInvokeError();
            return error is Interop.EISDIR or Interop.EOPNOTSUPP or Interop.EINVAL
                ? false
                : throw Failure.FromErrorNumber(error, "create a file in", PosixName.Directory);
        }
    }

    /// <summary>Open-file-description locks, Linux 3.15: the kernel tells who is alive.</summary>
    /// <exception cref="PosixException">There is no /dev/shm.</exception>
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

    /// <summary>A container's filter of system calls says EPERM of those that it does not know.</summary>
    private static bool IsThere(int error) => error is not (Interop.ENOSYS or Interop.EPERM);
}
