using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>
/// Extends segments so that a full /dev/shm causes an exception here, and not a SIGBUS at the first access. ftruncate(2) promises bytes that may never
/// exist; posix_fallocate(3) allocates them or fails.
/// </summary>
internal static class SegmentGrowth
{
    /// <summary>
    /// In many kernels, tmpfs undoes the whole call if a signal interrupts it (in newer kernels, only if a fatal signal does). A large segment is therefore
    /// allocated in steps, which become smaller while signals arrive.
    /// </summary>
    private const long LargestStep = 64L << 20;

    private const long SmallestStep = 64L << 10;

    /// <summary>
    /// The number of bytes backed by memory before the first hole. The block count alone does not show where the holes are. If there is a hole, pages that
    /// were allocated but never written also count as holes, which errs on the safe side.
    /// </summary>
    internal static long BackedLength(SafeFileHandle file, string name, in FileStatus status)
    {
        if (status.AllocatedLength >= status.Length)
        {
            return status.Length;
        }

        long hole = Interop.Seek(file, 0, Interop.SEEK_HOLE);
        return hole >= 0
            ? Math.Min(hole, status.Length)
            : Marshal.GetLastPInvokeError() == Interop.ENXIO ? 0 : throw Failure.FromLastError("find holes in the segment", name);
    }

    internal static void Grow(SafeFileHandle file, string name, in FileStatus status, long length) =>
        Grow(file, name, status, length, SharedMemory.AvailableBytes);

    /// <summary>Extends the segment if /dev/shm appears to have enough room. The kernel decides, because other processes may use the room meanwhile.</summary>
    internal static void Grow(SafeFileHandle file, string name, in FileStatus status, long length, long available)
    {
        // The positions of holes are unknown, so the whole range is allocated. This is fast for the parts that exist.
        long start = status.AllocatedLength < status.Length ? 0 : status.Length;
        if (length > status.Length)
        {
            ProcessLimits.CheckFileSize(name, length);
        }

        long missing = length - Math.Min(length, status.AllocatedLength);
        if (missing > available)
        {
            throw new SharedMemoryFullException(name, missing, available);
        }

        long largest = LargestStep;
        for (long offset = start; offset < length;)
        {
            long step = Math.Min(largest, length - offset);
            int error = Interop.Allocate(file, offset, step);
            if (error == 0)
            {
                offset += step;
            }
            else if (error == Interop.EINTR)
            {
                largest = Math.Max(largest / 2, SmallestStep);
            }
            else
            {
                GiveBack(file, status.Length, reached: offset);
                throw error is Interop.ENOSPC or Interop.EDQUOT
                    ? new SharedMemoryFullException(name, missing, SharedMemory.AvailableBytes)
                    : Failure.FromErrorNumber(error, $"allocate {length:N0} bytes for the segment", name);
            }
        }
    }

    /// <summary>
    /// Otherwise, the completed steps would occupy /dev/shm to no purpose. If the segment is longer than these steps made it, another process extended it
    /// and may already use it, so the segment keeps its length.
    /// </summary>
    private static void GiveBack(SafeFileHandle file, long length, long reached)
    {
        if (reached > length && FileStatus.Of(file).Length == reached)
        {
            _ = Interop.Truncate(file, length);
        }
    }
}
