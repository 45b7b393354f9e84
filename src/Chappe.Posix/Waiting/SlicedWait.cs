using System.Runtime.InteropServices;

namespace Chappe.Posix;

/// <summary>
/// A blocking wait by libc's own functions, in slices, for a libc or a kernel that <see cref="FutexWait"/> does not support. It notices cancellation or
/// disposal at the end of a slice.
/// </summary>
internal static class SlicedWait
{
    /// <summary>50 ms. At this length, a waiter uses 0.16 % of a core (measured).</summary>
    private const long SliceNanoseconds = 50_000_000;

    /// <returns>False if the deadline passed.</returns>
    internal static bool Wait(NamedSemaphore owner, nint semaphore, Deadline deadline, CancellationToken cancellationToken)
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(owner.IsDisposed, owner);
            cancellationToken.ThrowIfCancellationRequested();

            long now = Deadline.Now;
            int error = WaitOnce(semaphore, owner.Blocking == BlockingMethod.MonotonicSlices, now, Math.Min(deadline.Nanoseconds, now + SliceNanoseconds));
            if (error == 0)
            {
                return true;
            }

            // EINTR occurs in .NET, because of SIGCONT, SIGWINCH, or the garbage collector, which suspends threads by a signal.
            if (error is not (Interop.ETIMEDOUT or Interop.EINTR))
            {
                throw Failure.FromErrorNumber(error, "wait on the semaphore", owner.Name);
            }

            if (deadline.HasPassed)
            {
                return false;
            }
        }
    }

    /// <summary>Runs the wait on a thread of its own.</summary>
    internal static Task<bool> Start(NamedSemaphore owner, Deadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            return Task.Factory.StartNew(
                () => owner.BlockInSlices(deadline, cancellationToken),
                cancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
        catch (TaskSchedulerException exception) when (BackgroundThread.IsRefusal(exception.InnerException))
        {
            throw BackgroundThread.Refused(owner);
        }
    }

    private static int WaitOnce(nint semaphore, bool onMonotonicClock, long now, long end)
    {
        int result;
        if (onMonotonicClock)
        {
            result = Interop.SemaphoreClockWait(semaphore, Interop.CLOCK_MONOTONIC, Interop.TimeSpecification.FromNanoseconds(end));
        }
        else
        {
            // The wall clock may jump during the wait. The slice limits the effect.
            long wallClock = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
            result = Interop.SemaphoreTimedWait(semaphore, Interop.TimeSpecification.FromNanoseconds(wallClock + Math.Max(0, end - now)));
        }

        return result == 0 ? 0 : Marshal.GetLastPInvokeError();
    }
}
