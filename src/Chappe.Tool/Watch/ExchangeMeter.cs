using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>Counts and times exchanges from samples of a channel.</summary>
/// <remarks>
/// The difference of the tickets is the number of exchanges between two samples. An exchange within that interval took at most as long as the interval.
/// One that a sample saw unanswered took at most from the sample before to the sample that saw it answered.
/// </remarks>
internal sealed class ExchangeMeter
{
    // Each owner's tickets start at a random number: a step too large for any interval means a new owner.
    private const ulong LargestStep = 1UL << 32;

    private ExchangeTally _tally = new();
    private bool _hasBegun;
    private ulong _ticket;
    private ulong _caughtTicket;
    private TimeSpan _lastSample;
    private bool _isPending;
    private TimeSpan _notAskedAt;

    /// <summary>Adds a sample.</summary>
    /// <param name="sample">The state of the channel.</param>
    /// <param name="now">The time of the sample, on any monotonic clock.</param>
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
            // Without a ticket and a response it was withdrawn.
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

    /// <summary>Returns the counts since the last call.</summary>
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
