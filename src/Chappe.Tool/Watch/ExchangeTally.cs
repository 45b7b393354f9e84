namespace Chappe.Tool;

/// <summary>What an <see cref="ExchangeMeter"/> counted over some time. Tallies of times that follow each other can be summed.</summary>
internal sealed class ExchangeTally
{
    private readonly List<(TimeSpan AtMost, long Count)> _latencies = [];
    private long _samples;
    private long _pendingSamples;
    private long _lengths;
    private long _bytes;

    public TimeSpan Elapsed { get; private set; }

    /// <summary>How many were answered.</summary>
    public long Exchanges { get; private set; }

    /// <summary>Whether a responder of the basic level was seen to answer: its requester withdraws the ticket of what it answered.</summary>
    public bool HasBasicAnswers { get; set; }

    public double? ExchangesPerSecond => Elapsed > TimeSpan.Zero ? Exchanges / Elapsed.TotalSeconds : null;

    /// <summary>The mean of the payloads that were caught stands for all; null if none was.</summary>
    public double? BytesPerSecond => Exchanges == 0 ? 0 : _lengths == 0 ? null : ExchangesPerSecond * _bytes / _lengths;

    /// <summary>From request to answer: the share of the samples that saw a request unanswered is the share of the time that all exchanges took. Null without any.</summary>
    public TimeSpan? MeanLatency => Exchanges == 0 || _samples == 0 ? null : Elapsed * ((double)_pendingSamples / _samples) / Exchanges;

    public static ExchangeTally Sum(IEnumerable<ExchangeTally> tallies)
    {
        var sum = new ExchangeTally();
        foreach (ExchangeTally tally in tallies)
        {
            sum.Elapsed += tally.Elapsed;
            sum.Exchanges += tally.Exchanges;
            sum._samples += tally._samples;
            sum._pendingSamples += tally._pendingSamples;
            sum.HasBasicAnswers |= tally.HasBasicAnswers;
            sum._lengths += tally._lengths;
            sum._bytes += tally._bytes;
            sum._latencies.AddRange(tally._latencies);
        }

        return sum;
    }

    public void AddExchanges(long count, TimeSpan latencyAtMost)
    {
        if (count > 0)
        {
            Exchanges += count;
            _latencies.Add((latencyAtMost, count));
        }
    }

    public void AddLength(long length)
    {
        _lengths++;
        _bytes += length;
    }

    public void AddSample(TimeSpan sinceLast, bool isPending)
    {
        Elapsed += sinceLast;
        _samples++;
        _pendingSamples += isPending ? 1 : 0;
    }

    /// <summary>What so great a share of the exchanges took at most; null without any.</summary>
    public TimeSpan? LatencyAtMost(double share)
    {
        long rank = (long)Math.Ceiling(share * Exchanges);
        foreach ((TimeSpan atMost, long count) in _latencies.OrderBy(latency => latency.AtMost))
        {
            rank -= count;
            if (rank <= 0)
            {
                return atMost;
            }
        }

        return null;
    }
}
