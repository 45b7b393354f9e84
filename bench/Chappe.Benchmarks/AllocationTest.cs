namespace Chappe.Benchmarks;

/// <summary>What an exchange leaves on the managed heaps of the two processes, once all is warm.</summary>
internal sealed class AllocationTest(Options options) : FigureTest("allocations")
{
    public static readonly string[] Counted =
    [
        .. from contender in (string[])[Contenders.Chappe, Contenders.ChappeNoSpin, Contenders.ChappeAsync, Contenders.ChappeAsyncNoSpin]
           from side in (string[])["requester", "responder"]
           select FigureName(contender, Work.Exchange, side),
    ];

    private readonly int _times = options.IsQuick ? 5_000 : 20_000;

    public override IEnumerable<Figure> Run(IReadOnlyCollection<Contender> contenders)
    {
        foreach (string name in (string[])[Contenders.Chappe, Contenders.ChappeNoSpin, Contenders.ChappeAsync, Contenders.ChappeAsyncNoSpin])
        {
            foreach (Figure figure in Measure(Find(contenders, name), Work.Exchange))
            {
                yield return figure;
            }
        }

        var file = new Work(WorkKind.File, 4 * Work.Kilobyte);
        TestFiles.Provide(file);
        foreach (Figure figure in Measure(Find(contenders, Contenders.Chappe), file))
        {
            yield return figure;
        }
    }

    private IEnumerable<Figure> Measure(ChappeContender contender, Work work)
    {
        // What an awaited exchange allocates, any thread may have allocated.
        bool isAsynchronous = contender is AsyncChappeContender;
        contender.Run(work, _times);
        AllocatedBytes peerBefore = contender.AllocatedByPeer();
        AllocatedBytes before = AllocatedBytes.Now();
        contender.Run(work, _times);
        AllocatedBytes after = AllocatedBytes.Now();
        AllocatedBytes peerAfter = contender.AllocatedByPeer();
        yield return PerExchange(FigureName(contender.Name, work, "requester"), before, after, isAsynchronous);
        yield return PerExchange(FigureName(contender.Name, work, "responder"), peerBefore, peerAfter, isAsynchronous);
    }

    private Figure PerExchange(string name, AllocatedBytes before, AllocatedBytes after, bool isAsynchronous)
    {
        long bytes = isAsynchronous ? after.InAllThreads - before.InAllThreads : after.InThread - before.InThread;

        // Counting allocates too, and so does a look around after 50 ms without an answer: some hundred bytes in all.
        return new Figure(name, Math.Round((double)bytes / _times), "B");
    }

    private static string FigureName(string contender, Work work, string side) => $"allocations, {contender}, {work.Name}, {side}";
}
