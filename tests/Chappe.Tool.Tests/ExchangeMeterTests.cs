using Chappe.Exchange;

namespace Chappe.Tool.Tests;

public class ExchangeMeterTests
{
    private const ulong First = ulong.MaxValue - 1;

    private readonly ExchangeMeter _meter = new();

    [Fact]
    public void Exchanges_between_two_samples_are_counted_by_their_tickets_and_took_no_longer_than_the_time_between()
    {
        Sample(0, First, isPending: false, length: 10);
        Sample(2, First + 1, isPending: false, length: 10);
        Sample(4, unchecked(First + 1001), isPending: false, length: 30);

        ExchangeTally tally = _meter.Take();

        Assert.Equal(1001, tally.Exchanges);
        Assert.Equal(TimeSpan.FromMilliseconds(4), tally.Elapsed);
        Assert.Equal(TimeSpan.FromMilliseconds(2), tally.LatencyAtMost(0.99));
        Assert.Equal(1001 * 20 / 0.004, tally.BytesPerSecond!.Value, tolerance: 1);
    }

    [Fact]
    public void An_exchange_that_is_seen_unanswered_took_at_most_from_the_sample_before_to_the_answer()
    {
        Sample(0, First, isPending: false);
        Sample(2, First + 1, isPending: true);
        Sample(4, First + 1, isPending: true);
        Sample(6, First + 1, isPending: false);
        Sample(8, First + 1, isPending: false);

        ExchangeTally tally = _meter.Take();

        Assert.Equal(1, tally.Exchanges);
        Assert.Equal(TimeSpan.FromMilliseconds(6), tally.LatencyAtMost(0.5));
        Assert.Equal(TimeSpan.FromMilliseconds(4), tally.MeanLatency);
    }

    [Fact]
    public void One_slow_exchange_among_many_is_seen_in_the_high_percentile_only()
    {
        Sample(0, 1, isPending: false);
        Sample(2, 99, isPending: true);
        Sample(50, 99, isPending: true);
        Sample(100, 99, isPending: false);

        ExchangeTally tally = _meter.Take();

        Assert.Equal(98, tally.Exchanges);
        Assert.Equal(TimeSpan.FromMilliseconds(2), tally.LatencyAtMost(0.95));
        Assert.Equal(TimeSpan.FromMilliseconds(100), tally.LatencyAtMost(0.99));
    }

    [Fact]
    public void A_request_that_stood_before_the_first_sample_began_when_it_was_asked()
    {
        _meter.Add(new ChannelSample { LastTicket = 5, IsPending = true, SinceAsked = TimeSpan.FromSeconds(3) }, TimeSpan.Zero);
        Sample(2, 5, isPending: false);

        Assert.Equal(TimeSpan.FromMilliseconds(3002), _meter.Take().LatencyAtMost(1));
    }

    [Fact]
    public void A_request_that_is_withdrawn_is_no_exchange_and_one_that_a_basic_responder_answers_is()
    {
        Sample(0, 5, isPending: true);
        Sample(2, 0, isPending: false, length: null);
        ExchangeTally withdrawn = _meter.Take();
        Assert.Equal((0, false), (withdrawn.Exchanges, withdrawn.HasBasicAnswers));

        Sample(4, 6, isPending: true);
        Sample(6, 0, isPending: false, length: 100);
        ExchangeTally answered = _meter.Take();
        Assert.Equal((1, true), (answered.Exchanges, answered.HasBasicAnswers));
    }

    [Fact]
    public void A_new_owner_begins_anew()
    {
        Sample(0, 5, isPending: false);
        Sample(2, 0x1234_5678_9abc_def0, isPending: false);
        Sample(4, 0x1234_5678_9abc_def1, isPending: false);

        Assert.Equal(1, _meter.Take().Exchanges);
    }

    [Fact]
    public void Without_exchanges_there_is_no_latency()
    {
        Sample(0, 5, isPending: false);
        Sample(2, 5, isPending: false);

        ExchangeTally tally = ExchangeTally.Sum([_meter.Take(), _meter.Take()]);

        Assert.Equal((0, 0), (tally.ExchangesPerSecond, tally.BytesPerSecond));
        Assert.Null(tally.MeanLatency);
        Assert.Null(tally.LatencyAtMost(0.5));
    }

    private void Sample(int milliseconds, ulong ticket, bool isPending, long? length = 0) =>
        _meter.Add(
            new ChannelSample { LastTicket = ticket, IsPending = isPending, SinceAsked = TimeSpan.Zero, AnswerLength = isPending ? null : length },
            TimeSpan.FromMilliseconds(milliseconds));
}
