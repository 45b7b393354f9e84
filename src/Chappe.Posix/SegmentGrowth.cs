using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>
/// Growing a segment so that a full /dev/shm is an exception here, and not a SIGBUS at the first touch: ftruncate(2) promises bytes
/// that may never come, posix_fallocate(3) has them or refuses.
/// </summary>
internal static class SegmentGrowth
{
    /// <summary>tmpfs undoes a whole call that a signal interrupts; in steps, a large segment gets there however many signals come.</summary>
    private const long Step = 64L << 20;

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

    internal static void Grow(SafeFileHandle file, string name, in FileStatus status, long length)
    {
        // Where there are holes nobody knows where: all of it is asked for, which is quick for what is there.
        long start = status.AllocatedLength < status.Length ? 0 : status.Length;
        long missing = length - Math.Min(length, status.AllocatedLength);
        long available = SharedMemory.AvailableBytes;
        if (missing > available)
        {
            throw new SharedMemoryFullException(name, missing, available);
        }

        for (long offset = start; offset < length;)
        {
            long step = Math.Min(Step, length - offset);
            int error = Interop.Allocate(file, offset, step);
            if (error == 0)
            {
                offset += step;
            }
            else if (error != Interop.EINTR)
            {
                GiveBack(file, status.Length);
                throw error is Interop.ENOSPC or Interop.EDQUOT
                    ? new SharedMemoryFullException(name, missing, available)
                    : Failure.FromErrorNumber(error, $"make {length:N0} bytes long the segment", name);
            }
        }
    }

    /// <summary>Steps that succeeded would fill /dev/shm for nobody's use. Nobody can have looked at them: this is the side that may write.</summary>
    private static void GiveBack(SafeFileHandle file, long length)
    {
        if (FileStatus.Of(file).Length > length)
        {
            _ = Interop.Truncate(file, length);
        }
    }
}
