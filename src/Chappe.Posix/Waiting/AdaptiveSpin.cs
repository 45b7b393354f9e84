using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Chappe.Posix;

/// <summary>
/// Decides whether a wait spins before it blocks. Spinning pays only while the other side responds within the budget. After four misses in a row, waits
/// stop spinning. The sixteenth wait then probes again. Each failed probe doubles the number of waits before the next one, up to 512.
/// </summary>
/// <remarks>Several waiters may race on the counters. A lost update delays a decision by only one wait.</remarks>
internal sealed class AdaptiveSpin
{
    private const int MissesToStop = 4;
    private const int FewestWaitsBetweenProbes = 16;

    /// <summary>A failed probe costs the whole budget. If both sides share a processor, every probe fails: one in 512 waits adds 0.1 µs to each on average.</summary>
    private const int MostWaitsBetweenProbes = 512;

    /// <summary>Reading the clock costs about as much as one pause (24 ns against 25 ns), so the clock is not read after each pause.</summary>
    private const int PausesBetweenLooks = 16;

    /// <summary>In nanoseconds: more than ten times the duration of the pauses between two clock readings, and less than two process switches.</summary>
    private const long LongestPauses = 5000;

    /// <summary>Of the hits before the first clock reading, one in this number is timed.</summary>
    private const int WaitsBetweenTimed = 16;

    /// <summary>On a single processor, the other side cannot run while this one spins.</summary>
    private static readonly bool HasOneProcessor = Environment.ProcessorCount == 1;

    private int _misses;
    private int _waitsSinceProbe;
    private int _waitsSinceTimed;
    private int _waitsBetweenProbes = FewestWaitsBetweenProbes;

    /// <summary>The condition that a spin waits for.</summary>
    private interface ICondition
    {
        /// <summary>Checked after each pause.</summary>
        bool IsMet();

        /// <summary>Checked less often, because it costs more or is less urgent.</summary>
        bool IsOver();
    }

    /// <summary>The maximum time that a wait spins; zero to block at once.</summary>
    public TimeSpan Budget { get; set; } = NamedSemaphore.DefaultSpinBudget;

    /// <summary>Spins until a word in shared memory changes, until the semaphore's count is above 0, or until spinning no longer pays.</summary>
    /// <param name="word">The word that another process is about to write.</param>
    /// <param name="seen">The last known value of the word.</param>
    /// <param name="semaphore">The doorbell, which a spinning caller does not wait on.</param>
    /// <param name="cancellationToken">Ends the spin without an exception.</param>
    /// <returns>True if the caller should check for news; false if it should block.</returns>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed.</exception>
    public unsafe bool UntilChanged(ref readonly ulong word, ulong seen, NamedSemaphore semaphore, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(semaphore);
        if (Budget <= TimeSpan.Zero)
        {
            return false;
        }

        fixed (ulong* pointer = &word)
        {
            var change = new Change(pointer, seen, semaphore);
            return change.IsMet() || Until(change, Deadline.Infinite, cancellationToken);
        }
    }

    internal bool UntilTaken(nint semaphore, Deadline deadline, CancellationToken cancellationToken) =>
        Until(new Take(semaphore), deadline, cancellationToken);

    private bool Until<TCondition>(TCondition condition, Deadline deadline, CancellationToken cancellationToken)
        where TCondition : struct, ICondition
    {
        if (HasOneProcessor || Budget <= TimeSpan.Zero || !IsWorthATry())
        {
            return false;
        }

        // Two spinning peers finish within these 400 ns. Clock readings would be a considerable part of that time.
        bool isTimed = _misses > 0 || ++_waitsSinceTimed == WaitsBetweenTimed;
        long now = isTimed ? Deadline.Now : 0;
        if (IsMetBetweenPauses(condition))
        {
            if (isTimed)
            {
                Count(now);
            }

            return true;
        }

        // A condition that may have held before the first pause does not show whether spinning pays.
        if (condition.IsOver())
        {
            return true;
        }

        now = Deadline.Now;
        long end = Budget.Ticks < (long.MaxValue - now) / TimeSpan.NanosecondsPerTick ? now + (Budget.Ticks * TimeSpan.NanosecondsPerTick) : long.MaxValue;
        while (now < end)
        {
            if (now >= deadline.Nanoseconds || cancellationToken.IsCancellationRequested)
            {
                // The other side had less time than the budget, so this is not a miss.
                return false;
            }

            if (IsMetBetweenPauses(condition) || condition.IsOver())
            {
                Count(now);
                return true;
            }

            now = Deadline.Now;
        }

        _misses++;
        return false;
    }

    /// <summary>
    /// Counts a hit, or a miss if the pauses took far too long. In that case this side lost the processor, most likely to the other side. If both share a
    /// processor, blocking is faster.
    /// </summary>
    private void Count(long lastLook)
    {
        _waitsSinceTimed = 0;
        if (Deadline.Now - lastLook > LongestPauses)
        {
            _misses++;
        }
        else
        {
            _misses = 0;
            _waitsBetweenProbes = FewestWaitsBetweenProbes;
        }
    }

    private static bool IsMetBetweenPauses<TCondition>(TCondition condition)
        where TCondition : struct, ICondition
    {
        for (int pause = 0; pause < PausesBetweenLooks; pause++)
        {
            Pause();
            if (condition.IsMet())
            {
                return true;
            }
        }

        return false;
    }

    private static void Pause()
    {
        if (X86Base.IsSupported)
        {
            X86Base.Pause();
        }
        else if (ArmBase.IsSupported)
        {
            ArmBase.Yield();
        }
        else
        {
            Thread.SpinWait(1);
        }
    }

    private bool IsWorthATry()
    {
        if (_misses < MissesToStop)
        {
            return true;
        }

        if (++_waitsSinceProbe < _waitsBetweenProbes)
        {
            return false;
        }

        _waitsSinceProbe = 0;
        _waitsBetweenProbes = Math.Min(_waitsBetweenProbes * 2, MostWaitsBetweenProbes);
        return true;
    }

    private readonly struct Take(nint semaphore) : ICondition
    {
        public bool IsMet() => SemaphoreWord.TryTake(semaphore);

        public bool IsOver() => false;
    }

    private readonly unsafe struct Change(ulong* word, ulong seen, NamedSemaphore semaphore) : ICondition
    {
        public bool IsMet() => Volatile.Read(ref *word) != seen;

        public bool IsOver() => semaphore.CurrentCount > 0;
    }
}
