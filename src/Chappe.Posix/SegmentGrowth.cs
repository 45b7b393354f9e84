using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>
/// Growing a segment so that a full /dev/shm is an exception here, and not a SIGBUS at the first touch: ftruncate(2) promises bytes
/// that may never come, posix_fallocate(3) has them or refuses.
/// </summary>
internal static class SegmentGrowth
{
    /// <summary>
    /// In many kernels tmpfs undoes a whole call that a signal interrupts (newer ones let only deadly signals do that), so a large segment is made in
    /// steps, and in smaller ones while signals come.
    /// </summary>
    private const long LargestStep = 64L << 20;

    private const long SmallestStep = 64L << 10;

    /// <summary>
    /// The bytes from the first on that have memory behind them: up to the first hole. The count of blocks alone does not say where the holes are.
    /// Pages that were allocated and never written count as a hole here if there is a real one too, which errs on the safe side.
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
            : Marshal.GetLastPInvokeError() == Interop.ENXIO ? 0 : throw Failure.FromLastError("look for holes in the segment", name);
    }

    internal static void Grow(SafeFileHandle file, string name, in FileStatus status, long length) =>
        Grow(file, name, status, length, SharedMemory.AvailableBytes);

    /// <summary>Grows into what room there seems to be. The kernel has the last word: others may take it meanwhile.</summary>
    internal static void Grow(SafeFileHandle file, string name, in FileStatus status, long length, long available)
    {
        // Where there are holes nobody knows where: all of it is asked for, which is quick for what is there.
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
                    : Failure.FromErrorNumber(error, $"make {length:N0} bytes long the segment", name);
            }
        }
    }

    /// <summary>
    /// Steps that succeeded would fill /dev/shm for nobody's use. But if the segment is longer than they made it, another process grew it and
    /// may use it already: what it has cannot be taken away.
    /// </summary>
    private static void GiveBack(SafeFileHandle file, long length, long reached)
    {
        if (reached > length && FileStatus.Of(file).Length == reached)
        {
            _ = Interop.Truncate(file, length);
        }
    }
}
