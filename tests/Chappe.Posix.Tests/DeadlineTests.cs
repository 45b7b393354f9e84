using CsCheck;

namespace Chappe.Posix.Tests;

public class DeadlineTests
{
    [Fact]
    public void An_infinite_deadline_never_passes_and_leaves_infinite_time()
    {
        Deadline deadline = Deadline.After(Timeout.InfiniteTimeSpan);
        Assert.Equal(Deadline.Infinite, deadline);
        Assert.True(deadline.IsInfinite);
        Assert.False(deadline.HasPassed);
        Assert.Equal(Timeout.InfiniteTimeSpan, deadline.Remaining);
    }

    [Fact]
    public void A_deadline_now_has_passed_and_leaves_nothing()
    {
        Assert.True(Deadline.After(TimeSpan.Zero).HasPassed);
        Assert.True(default(Deadline).HasPassed);
        Assert.Equal(TimeSpan.Zero, default(Deadline).Remaining);
    }

    [Fact]
    public void A_time_beyond_what_the_clock_can_say_is_infinite() => Assert.True(Deadline.After(TimeSpan.MaxValue).IsInfinite);

    [Fact]
    public void What_remains_is_at_most_what_was_given_and_the_shorter_time_is_the_earlier_deadline() =>
        Gen.Select(Gen.Long[TimeSpan.TicksPerDay, TimeSpan.TicksPerDay * 100_000], Gen.Long[0, TimeSpan.TicksPerDay / 2]).Sample((longer, shorter) =>
        {
            var late = Deadline.After(TimeSpan.FromTicks(longer));
            var soon = Deadline.After(TimeSpan.FromTicks(shorter));
            return late.Remaining <= TimeSpan.FromTicks(longer)
                && late.Remaining > TimeSpan.FromTicks(longer) - TimeSpan.FromHours(1)
                && Deadline.Earlier(late, soon) == soon
                && Deadline.Earlier(soon, late) == soon
                && Deadline.Earlier(Deadline.Infinite, soon) == soon;
        });
}
