namespace Chappe.Benchmarks;

/// <summary>The whole run: the work, one after the other, with all contenders in each.</summary>
internal sealed class Harness(Options options)
{
    private readonly Results _results = new();
    private readonly Rounds _rounds = new(options);

    public Results Run()
    {
        Affinity.Choose(2);
        OnTwoCores();
        OnOneCore();
        return _results;
    }

    private void OnTwoCores()
    {
        Contender[] contenders = [.. Contenders.ForTwoCores(options)];
        try
        {
            foreach (Work work in AllWork().Where(work => options.Wants(work.Name)))
            {
                Measure(Results.TwoCores, work, contenders, isPlaced: work.Kind != WorkKind.Pixels);
            }

            if (options.Wants(Work.Exchange.Name))
            {
                Measure(Results.AnyCores, Work.Exchange, contenders, isPlaced: false);
            }

            foreach (Contender contender in contenders.Where(contender => contender.HasOneThreadASide))
            {
                contender.Place(-1, -1);
            }

            Add(new AllocationTest(options), contenders);
            Add(new FootprintTest(options), contenders);
            Add(new IdleTest(options), contenders);
            Add(new CancellationTest(options), contenders);
            Add(new StartUpTest(options), contenders);
        }
        finally
        {
            DisposeAll(contenders);
        }
    }

    private void OnOneCore()
    {
        if (!options.Wants(Work.Exchange.Name))
        {
            return;
        }

        // They start while they may use all processors, and are pinned then: see Affinity.PinProcess.
        List<Contender> contenders = [.. Contenders.ForOneCore()];
        int processor = Affinity.Chosen[0];
        try
        {
            Affinity.PinProcess(processor);
            foreach (Contender contender in contenders)
            {
                contender.Peer!.Pin(processor);
            }

            contenders.Add(new CContender(Contenders.CSemaphores, "semaphores"));
            Report.Progress($"{Work.Exchange.Name}, {Results.OneCore}");
            _results.Measurements.AddRange(_rounds.Measure(Results.OneCore, Work.Exchange, contenders, processor));
        }
        finally
        {
            Affinity.PinProcess(-1);
            DisposeAll(contenders);
        }
    }

    /// <param name="group">How the processes are placed, in words.</param>
    /// <param name="work">What is done.</param>
    /// <param name="contenders">Who does it.</param>
    /// <param name="isPlaced">Whether each side is given a processor of its own, where that can be: a picture is decoded on several threads.</param>
    private void Measure(string group, Work work, IReadOnlyCollection<Contender> contenders, bool isPlaced)
    {
        Report.Progress($"{work.Name}, {group}");
        int server = isPlaced && Affinity.Chosen.Count > 1 ? Affinity.Chosen[0] : -1;
        foreach (Contender contender in contenders.Where(contender => contender.HasOneThreadASide))
        {
            contender.Place(server, server < 0 ? -1 : Affinity.Chosen[1]);
        }

        _results.Measurements.AddRange(_rounds.Measure(group, work, contenders, server));
    }

    private void Add(FigureTest test, IReadOnlyCollection<Contender> contenders)
    {
        if (options.Wants(test.Name))
        {
            Report.Progress(test.Name);
            _results.Figures.AddRange(test.Run(contenders));
        }
    }

    private IEnumerable<Work> AllWork()
    {
        yield return Work.Exchange;
        foreach (WorkKind kind in (WorkKind[])[WorkKind.HandedOver, WorkKind.Written, WorkKind.File])
        {
            foreach (long size in Sizes())
            {
                yield return new Work(kind, size);
            }
        }

        if (options.Wants(Pictures.Work.Name))
        {
            Pictures.Provide();
            yield return Pictures.Work;
        }
    }

    private IEnumerable<long> Sizes()
    {
        long[] sizes = options.IsQuick
            ? [4 * Work.Kilobyte, Work.Frame]
            : [4 * Work.Kilobyte, 64 * Work.Kilobyte, Work.Megabyte, Work.Frame, 64 * Work.Megabyte];
        return options is { IsAll: true, IsQuick: false } && Memory.HasRoomFor(Work.Gigabyte) ? sizes.Append(Work.Gigabyte) : sizes;
    }

    private static void DisposeAll(IEnumerable<Contender> contenders)
    {
        foreach (Contender contender in contenders)
        {
            contender.Dispose();
        }
    }
}
