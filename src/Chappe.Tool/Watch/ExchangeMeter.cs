using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>Counts and times exchanges from samples of what stands.</summary>
/// <remarks>
/// The tickets tell how many exchanges there were since the last sample, however many that is. Those that began and ended between two samples took
/// no longer than the time between these; one that was seen unanswered took at most from the sample before that to the one that saw it answered.
/// </remarks>
internal sealed class ExchangeMeter
{
    // Tickets begin at a random number with each owner: a larger step than any interval can bring is a new owner's.
    private const ulong LargestStep = 1UL << 32;

    private ExchangeTally _tally = new();
    private bool _hasBegun;
    private ulong _ticket;
    private ulong _caughtTicket;
    private TimeSpan _lastSample;
    private bool _isPending;
    private TimeSpan _notAskedAt;

    /// <summary>Takes a sample into account.</summary>
    /// <param name="sample">What stands.</param>
    /// <param name="now">The time of the sample on a clock that only the meter's user knows.</param>
    public void Add(in ChannelSample sample, TimeSpan now)
    {
        ulong step = _hasBegun && sample.LastTicket != 0 ? unchecked(sample.LastTicket - _ticket) : 0;
        if (!_hasBegun || step > LargestStep)
        {
            Begin(sample, now);
            return;
        }

        if (_isPending && (step > 0 || !sample.IsPending))
        {
            // Withdrawn if no ticket and no answer is left of it.
            bool isAnswered = step > 0 || sample.LastTicket != 0 || sample.AnswerLength is not null;
            _tally.AddExchanges(isAnswered ? 1 : 0, now - _notAskedAt);
            _tally.HasBasicAnswers |= isAnswered && step == 0 && sample.LastTicket == 0;
            _isPending = false;
        }

        if (step > 0)
        {
            _tally.AddExchanges((long)step - (sample.IsPending ? 1 : 0), now - _lastSample);
            _isPending = sample.IsPending;
            _notAskedAt = _lastSample;
            _ticket = sample.LastTicket;
        }

        if (sample.AnswerLength is { } length && _caughtTicket != _ticket)
        {
            _caughtTicket = _ticket;
            _tally.AddLength(length);
        }

        _tally.AddSample(now - _lastSample, sample.IsPending);
        _lastSample = now;
    }

    /// <summary>What was counted since the last call.</summary>
    public ExchangeTally Take() => Interlocked.Exchange(ref _tally, new ExchangeTally());

    private void Begin(in ChannelSample sample, TimeSpan now)
    {
        _hasBegun = true;
        _ticket = sample.LastTicket;
        _caughtTicket = sample.AnswerLength is null ? 0 : _ticket;
        _lastSample = now;
        _isPending = sample.IsPending;
        _notAskedAt = now - (sample.SinceAsked ?? TimeSpan.Zero);
    }
}
