namespace Chappe.Posix;

/// <summary>
/// Decides whether a wait spins before it blocks. Spinning pays only while the other side answers within the budget: after
/// four misses in a row it stops, and is tried again with the sixteenth wait, then after twice as many each time that fails, at last with every 128th.
/// </summary>
/// <remarks>Several waiters may race on the counters; a lost count only delays a decision by one wait.</remarks>
internal sealed class AdaptiveSpin
{
    private const int MissesToStop = 4;
    private const int FewestWaitsBetweenProbes = 16;

    /// <summary>A probe in vain costs the whole budget. Where both sides share a processor all are in vain: one in 16 would be 3 µs of every wait.</summary>
    private const int MostWaitsBetweenProbes = 128;

    /// <summary>A look at the clock costs about as much as one pause (24 ns against 25 ns), so it is not looked at after each.</summary>
    private const int PausesBetweenLooks = 16;

    private int _misses;
    private int _waitsSinceProbe;
    private int _waitsBetweenProbes = FewestWaitsBetweenProbes;

    /// <summary>How long a wait may spin; zero to block at once.</summary>
    internal TimeSpan Budget { get; set; } = NamedSemaphore.DefaultSpinBudget;

    /// <summary>Spins until the semaphore was taken, the budget is spent, or the wait must end for another reason.</summary>
    internal bool TryTake(nint semaphore, Deadline deadline, CancellationToken cancellationToken)
    {
        // With one processor the other side cannot run while this one spins.
        if (Budget <= TimeSpan.Zero || Environment.ProcessorCount == 1 || !IsWorthATry())
        {
            return false;
        }

        // Two peers that spin are done within these 400 ns: looks at the clock would be a good part of their time.
        if (TryTakeBetweenPauses(semaphore))
        {
            return true;
        }

        long end = Deadline.After(Budget).Nanoseconds;
        long now = Deadline.Now;
        while (now < end)
        {
            if (now >= deadline.Nanoseconds || cancellationToken.IsCancellationRequested)
            {
                // The other side had less time than the budget: that says nothing about it.
                return false;
            }

            if (TryTakeBetweenPauses(semaphore))
            {
                return true;
            }

            now = Deadline.Now;
        }

        _misses++;
        return false;
    }

    private bool TryTakeBetweenPauses(nint semaphore)
    {
        for (int pause = 0; pause < PausesBetweenLooks; pause++)
        {
            Thread.SpinWait(1);
            if (Interop.SemaphoreTryWait(semaphore) == 0)
            {
                _misses = 0;
                _waitsBetweenProbes = FewestWaitsBetweenProbes;
                return true;
            }
        }

        return false;
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
}
