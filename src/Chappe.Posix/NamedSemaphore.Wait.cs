using System.Runtime.CompilerServices;

namespace Chappe.Posix;

public sealed partial class NamedSemaphore
{
    private static readonly bool HasClockWait = Interop.HasFunction("sem_clockwait");

    private BlockingMethod? _forced;

    /// <summary>Tests set this to select a fallback.</summary>
    internal BlockingMethod Blocking
    {
        get => _forced
            ?? (SemaphoreWord.CanWait ? BlockingMethod.Futex : HasClockWait ? BlockingMethod.MonotonicSlices : BlockingMethod.WallClockSlices);
        set => _forced = value;
    }

    /// <summary>Decrements the count if it is above 0. Never blocks.</summary>
    /// <returns>True if the count was decremented.</returns>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed.</exception>
    public bool TryWait()
    {
        using var use = new Use(this);
        return SemaphoreWord.TryTake(use.Semaphore);
    }

    /// <summary>Waits until the count is above 0, and decrements it.</summary>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed, or was disposed during the wait.</exception>
    public void Wait() => Wait(Deadline.Infinite, CancellationToken.None);

    /// <summary>Waits until the count is above 0, and decrements it. The wait can be cancelled.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="OperationCanceledException">The token is cancelled. The count was not decremented.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed, or was disposed during the wait.</exception>
    public void Wait(CancellationToken cancellationToken) => Wait(Deadline.Infinite, cancellationToken);

    /// <summary>Waits with a timeout until the count is above 0, and decrements it.</summary>
    /// <param name="timeout">Zero or more, or <see cref="Timeout.InfiniteTimeSpan"/>. Measured on the monotonic clock.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if the count was decremented; false if the time elapsed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative and not infinite.</exception>
    /// <exception cref="OperationCanceledException">The token is cancelled. The count was not decremented.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed, or was disposed during the wait.</exception>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        if (timeout == TimeSpan.Zero)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return TryWait();
        }

        return Wait(Deadline.After(timeout), cancellationToken);
    }

    /// <summary>Waits with a deadline until the count is above 0, and decrements it. One deadline can span several waits.</summary>
    /// <param name="deadline">When the wait ends.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if the count was decremented; false if the deadline passed.</returns>
    /// <exception cref="OperationCanceledException">The token is cancelled. The count was not decremented.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed, or was disposed during the wait.</exception>
    public bool Wait(Deadline deadline, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var use = new Use(this);
        return SemaphoreWord.TryTake(use.Semaphore)
            || _spin.UntilTaken(use.Semaphore, deadline, cancellationToken)
            || Block(use.Semaphore, deadline, cancellationToken);
    }

    /// <summary>Waits asynchronously until the count is above 0, and decrements it.</summary>
    /// <inheritdoc cref="WaitAsync(Deadline, CancellationToken)"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(CancellationToken cancellationToken = default) =>
        await WaitAsync(Deadline.Infinite, cancellationToken).ConfigureAwait(false);

    /// <summary>Waits asynchronously, with a timeout, until the count is above 0, and decrements it.</summary>
    /// <param name="timeout">Zero or more, or <see cref="Timeout.InfiniteTimeSpan"/>. Measured on the monotonic clock.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if the count was decremented; false if the time elapsed.</returns>
    /// <inheritdoc cref="WaitAsync(Deadline, CancellationToken)"/>
    public ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        WaitAsync(Deadline.After(timeout), cancellationToken);

    /// <summary>
    /// Waits asynchronously, with a deadline, until the count is above 0, and decrements it. One deadline can span several waits.
    /// </summary>
    /// <remarks>The call spins first, as the blocking overload does. If the count rises meanwhile, the task is already completed.</remarks>
    /// <returns>True if the count was decremented; false if the deadline passed.</returns>
    /// <exception cref="PosixException"><see cref="PosixError.OutOfMemory"/>: no thread can be started for asynchronous waits. The count was not decremented.</exception>
    /// <exception cref="OperationCanceledException">The token is cancelled. The count was not decremented.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed, or was disposed during the wait.</exception>
    public ValueTask<bool> WaitAsync(Deadline deadline, CancellationToken cancellationToken = default) =>
        TakeOrWaitAsync(deadline, default, null, cancellationToken);

    /// <summary>Waits asynchronously, as the other overloads do, and calls <paramref name="look"/> at intervals to detect what no release signals.</summary>
    /// <remarks>Such a look costs a tenth of what ending and restarting the wait would cost, because it wakes no waiting caller.</remarks>
    /// <param name="deadline">When the wait ends.</param>
    /// <param name="interval">The time between two looks; more than zero.</param>
    /// <param name="look">
    /// Returns true to end the wait. It runs on a thread that serves many waits, so it must be fast. An exception from it ends the wait.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True if the count was decremented; false if the deadline passed or <paramref name="look"/> returned true.</returns>
    /// <exception cref="OperationCanceledException">The token is cancelled. The count was not decremented.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed, or was disposed during the wait.</exception>
    internal ValueTask<bool> WaitAsync(Deadline deadline, TimeSpan interval, Func<bool> look, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(look);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        return TakeOrWaitAsync(deadline, interval, look, cancellationToken);
    }

    private ValueTask<bool> TakeOrWaitAsync(Deadline deadline, TimeSpan interval, Func<bool>? look, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<bool>(cancellationToken);
        }

        using var use = new Use(this);
        return SemaphoreWord.TryTake(use.Semaphore) || _spin.UntilTaken(use.Semaphore, deadline, cancellationToken)
            ? ValueTask.FromResult(true)
            : Blocking == BlockingMethod.Futex
                ? WaitHub.Wait(this, _handle, deadline, interval, look, cancellationToken)
                : look is null
                    ? new ValueTask<bool>(SlicedWait.Start(this, deadline, cancellationToken))
                    : LookWhileWaitingAsync(deadline, interval, look, cancellationToken);
    }

    private async ValueTask<bool> LookWhileWaitingAsync(Deadline deadline, TimeSpan interval, Func<bool> look, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await WaitAsync(Deadline.Earlier(deadline, Deadline.After(interval)), cancellationToken).ConfigureAwait(false))
            {
                return true;
            }

            if (deadline.HasPassed || look())
            {
                return false;
            }
        }
    }

    /// <summary>Only the blocking part of a wait, for a caller that has a thread to block.</summary>
    internal bool BlockInSlices(Deadline deadline, CancellationToken cancellationToken)
    {
        using var use = new Use(this);
        return SlicedWait.Wait(this, use.Semaphore, deadline, cancellationToken);
    }

    private bool Block(nint semaphore, Deadline deadline, CancellationToken cancellationToken) =>
        Blocking == BlockingMethod.Futex
            ? FutexWait.Wait(this, semaphore, _disposed, deadline, cancellationToken)
            : SlicedWait.Wait(this, semaphore, deadline, cancellationToken);
}
