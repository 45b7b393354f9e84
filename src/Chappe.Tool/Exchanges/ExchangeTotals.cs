namespace Chappe.Tool;

/// <summary>The counts and times of the exchanges of a run.</summary>
internal sealed class ExchangeTotals
{
    private readonly List<long> _microseconds = [];

    public int Succeeded => _microseconds.Count;

    public int Failed { get; private set; }

    /// <summary>The total length of the received payloads.</summary>
    public long Bytes { get; private set; }

    public long MinMicroseconds => _microseconds.DefaultIfEmpty().Min();

    public long MaxMicroseconds => _microseconds.DefaultIfEmpty().Max();

    public long MedianMicroseconds
    {
        get
        {
            long[] sorted = [.. _microseconds.Order()];
            int middle = sorted.Length / 2;
            return sorted.Length switch
            {
                0 => 0,
                _ when sorted.Length % 2 == 1 => sorted[middle],
                _ => (sorted[middle - 1] + sorted[middle]) / 2,
            };
        }
    }

    /// <summary>The throughput during the exchanges, without the time between them.</summary>
    public double BytesPerSecond => _microseconds.Sum() is > 0 and var total ? Bytes * 1e6 / total : 0;

    public void Add(ExchangeRecord exchange)
    {
        if (!exchange.Ok)
        {
            Failed++;
            return;
        }

        Bytes += exchange.Bytes;
        _microseconds.Add(exchange.Microseconds);
    }
}
