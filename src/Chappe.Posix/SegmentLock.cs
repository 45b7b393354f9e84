using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>
/// An exclusive lock on one byte of a segment. It lasts until it is disposed or the process ends; the kernel releases it even after a crash.
/// </summary>
/// <remarks>
/// This is an open-file-description lock (fcntl_locking(2)) on a descriptor of its own. The descriptor is never mapped, because a mapping would keep the
/// lock alive. It is closed on exec, because a child would inherit it. Keep a reference to the lock: the garbage collector releases an unreferenced lock.
/// </remarks>
internal sealed class SegmentLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private SegmentLock(SafeFileHandle file) => _file = file;

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _file.Dispose();

    internal static SegmentLock? TryTake(SafeFileHandle segment, string name, long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);

        // Opening this path creates another open file description of the same file.
        using var path = new DescriptorPath(segment);
        SafeFileHandle file = Interop.Open(path.Value, Interop.O_RDWR | Interop.O_CLOEXEC, 0);
        if (file.IsInvalid)
        {
            Exception failure = Failure.FromLastError("open a descriptor to lock the segment", name);
            file.Dispose();
            throw failure;
        }

        Interop.LockRange range = OneByte(position);
        if (Interop.Control(file, Interop.F_OFD_SETLK, ref range) == 0)
        {
            return new SegmentLock(file);
        }

        int error = Marshal.GetLastPInvokeError();
        file.Dispose();
        return error is Interop.EAGAIN or Interop.EACCES ? null : throw Failure.FromErrorNumber(error, "lock the segment", name);
    }

    internal static bool IsHeldByAnother(SafeFileHandle segment, string name, long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        Interop.LockRange range = OneByte(position);
        return Interop.Control(segment, Interop.F_OFD_GETLK, ref range) == 0
            ? range.Type != Interop.F_UNLCK
            : throw Failure.FromLastError("query a lock on the segment", name);
    }

    private static Interop.LockRange OneByte(long position) => new() { Type = Interop.F_WRLCK, Start = position, Length = 1 };
}
