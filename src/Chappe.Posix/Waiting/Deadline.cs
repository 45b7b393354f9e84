using System.Diagnostics;

namespace Chappe.Posix;

/// <summary>A point in time on the monotonic clock. One deadline can limit several waits together.</summary>
public readonly struct Deadline : IEquatable<Deadline>
{
    private readonly long _nanoseconds;

    private Deadline(long nanoseconds) => _nanoseconds = nanoseconds;

    /// <summary>A deadline that never passes.</summary>
    public static Deadline Infinite => new(long.MaxValue);

    /// <summary>Whether the deadline never passes.</summary>
    public bool IsInfinite => _nanoseconds == long.MaxValue;

    /// <summary>Whether the deadline has passed.</summary>
    public bool HasPassed => !IsInfinite && Now >= _nanoseconds;

    /// <summary>The remaining time: zero once the deadline has passed, <see cref="Timeout.InfiniteTimeSpan"/> if it never passes.</summary>
    public TimeSpan Remaining =>
        IsInfinite ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(Math.Max(0, _nanoseconds - Now) / TimeSpan.NanosecondsPerTick);

    /// <summary>CLOCK_MONOTONIC in nanoseconds. On Linux, <see cref="Stopwatch"/> reads this clock, at 10^9 ticks a second.</summary>
    internal static long Now => Stopwatch.GetTimestamp();

    internal long Nanoseconds => _nanoseconds;

    /// <summary>Returns the deadline that lies the given time from now.</summary>
    /// <param name="timeout">Zero or more, or <see cref="Timeout.InfiniteTimeSpan"/>. A time beyond the range of the clock counts as infinite.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is negative and not infinite.</exception>
    public static Deadline After(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return Infinite;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        long now = Now;
        return timeout.Ticks > (long.MaxValue - now) / TimeSpan.NanosecondsPerTick
            ? Infinite
            : new Deadline(now + (timeout.Ticks * TimeSpan.NanosecondsPerTick));
    }

    /// <summary>Returns the earlier of two deadlines.</summary>
    public static Deadline Earlier(Deadline left, Deadline right) => left._nanoseconds < right._nanoseconds ? left : right;

    /// <inheritdoc/>
    public bool Equals(Deadline other) => _nanoseconds == other._nanoseconds;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Deadline other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _nanoseconds.GetHashCode();

    /// <summary>Whether both are the same point in time.</summary>
    public static bool operator ==(Deadline left, Deadline right) => left.Equals(right);

    /// <summary>Whether the two are different points in time.</summary>
    public static bool operator !=(Deadline left, Deadline right) => !left.Equals(right);
}
