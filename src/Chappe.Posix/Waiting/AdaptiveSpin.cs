using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Chappe.Posix;

/// <summary>
/// Decides whether a wait spins before it blocks. Spinning pays only while the other side answers within the budget: after
/// four misses in a row it stops, and is tried again with the sixteenth wait, then after twice as many each time that fails, at last with every 512th.
/// </summary>
/// <remarks>Several waiters may race on the counters; a lost count only delays a decision by one wait.</remarks>
internal sealed class AdaptiveSpin
{
    private const int MissesToStop = 4;
    private const int FewestWaitsBetweenProbes = 16;

    /// <summary>A probe in vain costs the whole budget. Where both sides share a processor all are in vain: one in 512 is 0.1 µs of every wait.</summary>
    private const int MostWaitsBetweenProbes = 512;

    /// <summary>A look at the clock costs about as much as one pause (24 ns against 25 ns), so it is not looked at after each.</summary>
    private const int PausesBetweenLooks = 16;

    /// <summary>In nanoseconds: more than ten times what the pauses between two looks take, and less than two switches between processes.</summary>
    private const long LongestPauses = 5000;

    /// <summary>Of the hits that come before the first look at the clock, as many are timed after all.</summary>
    private const int WaitsBetweenTimed = 16;

    /// <summary>With one processor the other side cannot run while this one spins.</summary>
    private static readonly bool HasOneProcessor = Environment.ProcessorCount == 1;

    private int _misses;
    private int _waitsSinceProbe;
    private int _waitsSinceTimed;
    private int _waitsBetweenProbes = FewestWaitsBetweenProbes;

    /// <summary>What a spin waits for.</summary>
    private interface ICondition
    {
        /// <summary>Asked after each pause.</summary>
        bool IsMet();

        /// <summary>Asked once in a while: what is dearer to look at, or not in a hurry.</summary>
        bool IsOver();
    }

    /// <summary>How long a wait may spin; zero to block at once.</summary>
    public TimeSpan Budget { get; set; } = NamedSemaphore.DefaultSpinBudget;

    /// <summary>Spins until a word in shared memory is another, or the semaphore has one to take, or it does not pay to go on.</summary>
    /// <param name="word">The word that another process is about to write.</param>
    /// <param name="seen">What it was.</param>
    /// <param name="semaphore">The doorbell that whoever spins no longer waits on.</param>
    /// <param name="cancellationToken">Ends the spin; nothing is thrown.</param>
    /// <returns>True if there is something to look at; false if it is time to block.</returns>
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

        // Two peers that spin are done within these 400 ns: looks at the clock would be a good part of their time.
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

        // What may have been there before the first pause says nothing about whether spinning pays.
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
                // The other side had less time than the budget: that says nothing about it.
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
    /// Counts a hit, or what only looks like one: if the pauses took far too long, the processor was taken away from this side, and most likely it was given to
    /// the other. Where they share a processor to block is quicker.
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
