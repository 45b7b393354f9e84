using System.Diagnostics;
using System.Globalization;

namespace Chappe.Benchmarks;

/// <summary>The processor time of a client that waits for requests which do not come.</summary>
internal sealed class IdleTest(Options options) : FigureTest("idle waiter")
{
    public const string Blocking = "idle waiter, blocking";
    public const string Asynchronous = "idle waiter, async";

    private readonly TimeSpan _duration = TimeSpan.FromSeconds(options.IsQuick ? 2 : 5);

    public override IEnumerable<Figure> Run(IReadOnlyCollection<Contender> contenders)
    {
        int blocking = Find(contenders, Contenders.Chappe).Peer.Id;
        int asynchronous = Find(contenders, Contenders.ChappeAsync).Peer.Id;
        Thread.Sleep(500);

        double blockingBefore = ProcessorSeconds(blocking), asynchronousBefore = ProcessorSeconds(asynchronous);
        long start = Stopwatch.GetTimestamp();
        Thread.Sleep(_duration);
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        yield return new Figure(Blocking, (ProcessorSeconds(blocking) - blockingBefore) / elapsed * 100, "% of a core");
        yield return new Figure(Asynchronous, (ProcessorSeconds(asynchronous) - asynchronousBefore) / elapsed * 100, "% of a core");
    }

    /// <summary>From schedstat, which counts in nanoseconds; /proc/PID/stat counts in ticks of 10 ms.</summary>
    private static double ProcessorSeconds(int process) =>
        Directory.EnumerateDirectories($"/proc/{process}/task")
            .Sum(thread => long.Parse(File.ReadAllText($"{thread}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture)) / 1e9;
}
