namespace Chappe.Benchmarks;

/// <summary>The bars, each a ratio inside one run.</summary>
internal static class Bars
{
    private static readonly Work Frame = new(WorkKind.HandedOver, Work.Frame);
    private static readonly Work FrameFile = new(WorkKind.File, Work.Frame);
    private static readonly Work LargeFile = new(WorkKind.File, 64 * Work.Megabyte);
    private static readonly string[] Sockets = [Contenders.UnixSocket, Contenders.UnixSocketAsync];

    public static readonly Bar[] All =
    [
        AtMost("semaphore", "a semaphore's round trip takes no more than 2 times the C spin limit", 2, Ratio(Contenders.Semaphores, Contenders.CSequence, Work.Exchange)),
        AtMost("exchange", "an exchange of 8 bytes takes no more than 4 times the C spin limit", 4, Ratio(Contenders.Chappe, Contenders.CSequence, Work.Exchange)),
        AtLeast("exchange-socket", "it is 50 times as fast as over a Unix socket", 50, Faster(Sockets, Work.Exchange)),
        AtMost("blocking", "without spinning it takes no more than 1.2 times the C semaphores", 1.2, Ratio(Contenders.ChappeNoSpin, Contenders.CSemaphores, Work.Exchange)),
        AtMost("one-core", "on one core it takes no more than 1.6 times the C semaphores", 1.6, Ratio(Contenders.Chappe, Contenders.CSemaphores, Work.Exchange, Results.OneCore)),
        AtMost("handed-over", "6.2 MB handed over take no more than 2 times the 8 bytes", 2, HandedOverAgainstExchange),
        AtMost("file", "a file of 6.2 MB read in place takes no more than 1.4 times pread and the same reading", 1.4, Ratio(Contenders.Chappe, Contenders.FileRead, FrameFile)),
        AtLeast("file-socket", "it is 2 times as fast as over a Unix socket", 2, Faster(Sockets, FrameFile)),
        AtLeast("file-grpc", "it is 20 times as fast as gRPC", 20, Faster([Contenders.Grpc], FrameFile)),
        AtLeast("streaming", "a file of 64 MiB is 1.3 times as fast streamed", 1.3, Streamed),
        AtMost("pixels", "a JPEG of 12 megapixels takes no more than 1.1 times libvips alone", 1.1, Ratio(Contenders.Chappe, Contenders.Decode, Pictures.Work)),
        AtMost("allocations", "an exchange allocates nothing", 0, LargestAllocation) with { Unit = "B" },
        AtMost("mappings", "100 000 exchanges of varying size leave no more mappings", 4, results => results.FindFigure(FootprintTest.MoreMappings)) with { Unit = "" },
        AtMost("memory", "and no more resident memory", 2, results => results.FindFigure(FootprintTest.MoreMemory)) with { Unit = "MB" },
        AtMost("idle", "an idle waiter takes less than 0.5 % of a core", 0.5, results => results.FindFigure(IdleTest.Blocking)) with { Unit = "%" },
        AtMost("cancelling", "a blocked wait is cancelled in less than 1 ms", 1000, results => results.FindFigure(CancellationTest.Blocking)) with { Unit = "µs" },
        AtMost("start-up", "the native chappe --version takes less than 20 ms", 20, results => results.FindFigure(StartUpTest.Figure)) with { Unit = "ms" },
    ];

    private static Bar AtMost(string name, string promise, double limit, Func<Results, double?> measure) => new(name, promise, true, limit, "×", measure);

    private static Bar AtLeast(string name, string promise, double limit, Func<Results, double?> measure) => new(name, promise, false, limit, "×", measure);

    private static Func<Results, double?> Ratio(string contender, string limit, Work work, string group = Results.TwoCores) =>
        results => results.Find(contender, work, group) is { } measured && results.Find(limit, work, group) is { } other ? measured.RatioTo(other) : null;

    private static Func<Results, double?> Faster(string[] others, Work work) =>
        results => results.Find(Contenders.Chappe, work) is { } chappe && results.FindFastest(others, work) is { } other ? other.RatioTo(chappe) : null;

    private static double? Streamed(Results results) =>
        results.Find(Contenders.ChappeStreamed, LargeFile) is { } streamed && results.Find(Contenders.Chappe, LargeFile) is { } whole ? whole.RatioTo(streamed) : null;

    private static double? HandedOverAgainstExchange(Results results) =>
        results.Find(Contenders.Chappe, Frame) is { } frame && results.Find(Contenders.Chappe, Work.Exchange) is { } exchange ? frame.Median / exchange.Median : null;

    private static double? LargestAllocation(Results results) => AllocationTest.Counted.Select(results.FindFigure).Max();
}
