using System.Diagnostics;

namespace Chappe.Posix;

/// <summary>One moment on the monotonic clock by which something must have happened, however many waits it takes.</summary>
public readonly struct Deadline : IEquatable<Deadline>
{
    private readonly long _nanoseconds;

    private Deadline(long nanoseconds) => _nanoseconds = nanoseconds;

    /// <summary>The deadline that never comes.</summary>
    public static Deadline Infinite => new(long.MaxValue);

    /// <summary>True for the deadline that never comes.</summary>
    public bool IsInfinite => _nanoseconds == long.MaxValue;

    /// <summary>True once the moment is past.</summary>
    public bool HasPassed => !IsInfinite && Now >= _nanoseconds;

    /// <summary>What is left until then: zero once it is past, <see cref="Timeout.InfiniteTimeSpan"/> if it never comes.</summary>
    public TimeSpan Remaining =>
        IsInfinite ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(Math.Max(0, _nanoseconds - Now) / TimeSpan.NanosecondsPerTick);

    /// <summary>CLOCK_MONOTONIC in nanoseconds: on Linux <see cref="Stopwatch"/> reads that clock, 10^9 ticks a second.</summary>
    internal static long Now => Stopwatch.GetTimestamp();

    internal long Nanoseconds => _nanoseconds;

    /// <summary>The deadline so long from now.</summary>
    /// <param name="timeout">Zero or more, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
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

    /// <summary>Whichever of the two comes first.</summary>
    public static Deadline Earlier(Deadline left, Deadline right) => left._nanoseconds < right._nanoseconds ? left : right;

    /// <inheritdoc/>
    public bool Equals(Deadline other) => _nanoseconds == other._nanoseconds;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Deadline other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _nanoseconds.GetHashCode();

    /// <summary>True if both are the same moment.</summary>
    public static bool operator ==(Deadline left, Deadline right) => left.Equals(right);

    /// <summary>True if they are different moments.</summary>
    public static bool operator !=(Deadline left, Deadline right) => !left.Equals(right);
}
