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

    /// <param name="group">How the processes are placed, in words.</param>
    /// <param name="work">What is done.</param>
    /// <param name="contenders">Who does it, those who can.</param>
    /// <param name="processor">Where this side of those that have one thread a side runs; -1 for anywhere.</param>
    public IReadOnlyList<Measurement> Measure(string group, Work work, IEnumerable<Contender> contenders, int processor)
    {
        Contender[] able = [.. contenders.Where(contender => contender.CanDo(work))];
        if (able.Length == 0)
        {
            return [];
        }

        TestFiles.Provide(work);
        int[] times = [.. able.Select(contender =>
        {
            Place(contender, processor);
            return TimesFor(contender, work);
        })];
        double[][] samples = [.. able.Select(_ => new double[options.Rounds])];
        for (int round = 0; round < options.Rounds; round++)
        {
            for (int turn = 0; turn < able.Length; turn++)
            {
                int i = (turn + round) % able.Length;

                Place(able[i], processor);

                // Whoever was idle has to find its pace: threads wake, spinning is tried again.
                if (times[i] > 1)
                {
                    able[i].Run(work, times[i]);
                }

                samples[i][round] = MedianSlice(able[i], work, times[i]);
            }
        }

        Affinity.PinThread(-1);
        return [.. able.Select((contender, i) => new Measurement(group, work, contender.Name, samples[i]))];
    }

    private static void Place(Contender contender, int processor) => Affinity.PinThread(contender.HasOneThreadASide ? processor : -1);

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
