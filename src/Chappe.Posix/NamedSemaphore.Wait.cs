using System.Runtime.CompilerServices;

namespace Chappe.Posix;

public sealed partial class NamedSemaphore
{
    private static readonly bool HasClockWait = Interop.HasFunction("sem_clockwait");

    private BlockingMethod? _forced;

    /// <summary>Set by tests of what is done where the best is missing.</summary>
    internal BlockingMethod Blocking
    {
        get => _forced
            ?? (SemaphoreWord.CanWait ? BlockingMethod.Futex : HasClockWait ? BlockingMethod.MonotonicSlices : BlockingMethod.WallClockSlices);
        set => _forced = value;
    }

    /// <summary>Takes one if the count is not 0; never blocks.</summary>
    /// <returns>True if one was taken.</returns>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed.</exception>
    public bool TryWait()
    {
        using var use = new Use(this);
        return SemaphoreWord.TryTake(use.Semaphore);
    }

    /// <summary>Waits until one can be taken.</summary>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed, or was while waiting.</exception>
    public void Wait() => Wait(Deadline.Infinite, CancellationToken.None);

    /// <summary>Waits until one can be taken, or the token is cancelled.</summary>
    /// <exception cref="OperationCanceledException">The token is cancelled; nothing was taken.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed, or was while waiting.</exception>
    public void Wait(CancellationToken cancellationToken) => Wait(Deadline.Infinite, cancellationToken);

    /// <summary>Waits so long for one.</summary>
    /// <param name="timeout">Zero or more, or <see cref="Timeout.InfiniteTimeSpan"/>; measured on the monotonic clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>True if one was taken, false if the time ran out.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative and not infinite.</exception>
    /// <exception cref="OperationCanceledException">The token is cancelled; nothing was taken.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed, or was while waiting.</exception>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        if (timeout == TimeSpan.Zero)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return TryWait();
        }

        return Wait(Deadline.After(timeout), cancellationToken);
    }

    /// <summary>Waits for one until a deadline that may span several waits.</summary>
    /// <returns>True if one was taken, false if the deadline came.</returns>
    /// <exception cref="OperationCanceledException">The token is cancelled; nothing was taken.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed, or was while waiting.</exception>
    public bool Wait(Deadline deadline, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var use = new Use(this);
        return SemaphoreWord.TryTake(use.Semaphore)
            || _spin.UntilTaken(use.Semaphore, deadline, cancellationToken)
            || Block(use.Semaphore, deadline, cancellationToken);
    }

    /// <summary>Waits until one can be taken, without blocking the caller.</summary>
    /// <inheritdoc cref="WaitAsync(Deadline, CancellationToken)"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WaitAsync(CancellationToken cancellationToken = default) =>
        await WaitAsync(Deadline.Infinite, cancellationToken).ConfigureAwait(false);

    /// <summary>Waits so long for one, without blocking the caller.</summary>
    /// <param name="timeout">Zero or more, or <see cref="Timeout.InfiniteTimeSpan"/>; measured on the monotonic clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>True if one was taken, false if the time ran out.</returns>
    /// <inheritdoc cref="WaitAsync(Deadline, CancellationToken)"/>
    public ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        WaitAsync(Deadline.After(timeout), cancellationToken);

    /// <summary>Waits for one until a deadline that may span several waits, without blocking the caller.</summary>
    /// <remarks>It spins first, as the blocking form does, and then completes at once.</remarks>
    /// <returns>True if one was taken, false if the deadline came.</returns>
    /// <exception cref="PosixException"><see cref="PosixError.OutOfMemory"/>: no thread can be started for asynchronous waits. Nothing was taken.</exception>
    /// <exception cref="OperationCanceledException">The token is cancelled; nothing was taken.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed, or was while waiting.</exception>
    public ValueTask<bool> WaitAsync(Deadline deadline, CancellationToken cancellationToken = default) =>
        TakeOrWaitAsync(deadline, default, null, cancellationToken);

    /// <summary>Waits for one until a deadline, without blocking the caller, and looks around meanwhile: at what no release tells.</summary>
    /// <remarks>Looking so costs a tenth of what it costs to let the wait end each time, since nobody is woken for it.</remarks>
    /// <param name="deadline">When it is over.</param>
    /// <param name="interval">How often to look.</param>
    /// <param name="look">
    /// Returns true to end the wait. It is called on a thread on which many waits wait, so it has to be quick; what it throws ends the wait.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>True if one was taken, false if the deadline came or <paramref name="look"/> said so.</returns>
    /// <exception cref="OperationCanceledException">The token is cancelled; nothing was taken.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed, or was while waiting.</exception>
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

    /// <summary>The blocking part of a wait alone, for whoever has a thread to spare.</summary>
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
