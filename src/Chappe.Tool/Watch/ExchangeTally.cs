namespace Chappe.Tool;

/// <summary>The counts of an <see cref="ExchangeMeter"/> over an interval. Tallies of consecutive intervals can be summed.</summary>
internal sealed class ExchangeTally
{
    private readonly List<(TimeSpan AtMost, long Count)> _latencies = [];
    private long _samples;
    private long _pendingSamples;
    private long _lengths;
    private long _bytes;

    public TimeSpan Elapsed { get; private set; }

    /// <summary>The number of answered requests.</summary>
    public long Exchanges { get; private set; }

    /// <summary>Whether a responder of the basic level answered: the requester withdraws the ticket of such a request.</summary>
    public bool HasBasicAnswers { get; set; }

    public double? ExchangesPerSecond => Elapsed > TimeSpan.Zero ? Exchanges / Elapsed.TotalSeconds : null;

    /// <summary>An estimate from the mean length of the sampled payloads; null if no sample met one.</summary>
    public double? BytesPerSecond => Exchanges == 0 ? 0 : _lengths == 0 ? null : ExchangesPerSecond * _bytes / _lengths;

    /// <summary>The mean time from request to response, from the share of samples with an unanswered request; null without exchanges.</summary>
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

    /// <summary>An upper bound of the latency of this share of the exchanges; null without exchanges.</summary>
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
