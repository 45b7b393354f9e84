namespace Chappe.Benchmarks;

/// <summary>
/// Measures contenders in interleaved rounds: each round visits all of them, each time beginning with another. What a round says of a contender is the
/// median of many short slices, so that a slice in which something else had the processor does not count.
/// </summary>
internal sealed class Rounds(Options options)
{
    /// <summary>Enough for the just-in-time compiler to have made its best of the hot path, at the contender's first work.</summary>
    private TimeSpan FirstWarmUp => TimeSpan.FromMilliseconds(options.IsQuick ? 150 : 600);

    private TimeSpan WarmUp => TimeSpan.FromMilliseconds(options.IsQuick ? 15 : 60);

    private TimeSpan Sample => TimeSpan.FromMilliseconds(options.IsQuick ? 15 : 100);

    /// <summary>Shorter than the time for which a Linux scheduler takes a processor away.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(1);

    private readonly HashSet<Contender> _warm = [];

    public IReadOnlyList<Measurement> Measure(string group, Work work, IEnumerable<Contender> contenders)
    {
        Contender[] able = [.. contenders.Where(contender => contender.CanDo(work))];
        if (able.Length == 0)
        {
            return [];
        }

        TestFiles.Provide(work);
        int[] times = [.. able.Select(contender => TimesFor(contender, work))];
        double[][] samples = [.. able.Select(_ => new double[options.Rounds])];
        for (int round = 0; round < options.Rounds; round++)
        {
            for (int turn = 0; turn < able.Length; turn++)
            {
                int i = (turn + round) % able.Length;

                // Whoever was idle has to find its pace: threads wake, spinning is tried again.
                able[i].Run(work, times[i]);
                samples[i][round] = MedianSlice(able[i], work, times[i]);
            }
        }

        return [.. able.Select((contender, i) => new Measurement(group, work, contender.Name, samples[i]))];
    }

    private double MedianSlice(Contender contender, Work work, int times)
    {
        var slices = new List<double>();
        double spent = 0;
        while (slices.Count == 0 || spent < Sample.TotalNanoseconds)
        {
            double took = contender.Run(work, times);
            spent += took;
            slices.Add(took / times);
        }

        return Statistics.Median([.. slices]);
    }

    /// <summary>Warms up, and finds how many times fill one slice.</summary>
    private int TimesFor(Contender contender, Work work)
    {
        double warmUp = (_warm.Add(contender) ? FirstWarmUp : WarmUp).TotalNanoseconds;
        double spent = 0, each = 0;
        for (int times = 1; spent < warmUp; times = Math.Clamp((int)(Slice.TotalNanoseconds / each), 1, times * 4))
        {
            double took = contender.Run(work, times);
            spent += took;
            each = Math.Max(1, took / times);
        }

        return Math.Max(1, (int)(Slice.TotalNanoseconds / each));
    }
}
