using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Chappe.Benchmarks;

/// <summary>The processor time of a client that waits for requests which do not come.</summary>
internal sealed partial class IdleTest(Options options) : FigureTest("idle waiter")
{
    public const string Blocking = "idle waiter, blocking";
    public const string Asynchronous = "idle waiter, async";

    /// <summary>
    /// What only an idle client does it does 20 times a second, and .NET compiles a method once more after its 30th call, and once more after 30 others: that is the
    /// start of a program, not an idle one.
    /// </summary>
    private static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(6);

    private readonly TimeSpan _duration = TimeSpan.FromSeconds(options.IsQuick ? 2 : 5);

    public override IEnumerable<Figure> Run(IReadOnlyCollection<Contender> contenders)
    {
        int blocking = Warm(Find(contenders, Contenders.Chappe));
        int asynchronous = Warm(Find(contenders, Contenders.ChappeAsync));
        Thread.Sleep(SettlingTime);

        double blockingBefore = ProcessorSeconds(blocking), asynchronousBefore = ProcessorSeconds(asynchronous);
        long start = Stopwatch.GetTimestamp();
        Thread.Sleep(_duration);
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        yield return new Figure(Blocking, (ProcessorSeconds(blocking) - blockingBefore) / elapsed * 100, "% of a core");
        yield return new Figure(Asynchronous, (ProcessorSeconds(asynchronous) - asynchronousBefore) / elapsed * 100, "% of a core");
    }

    /// <summary>Lets the just-in-time compiler do its work before: it would count as waiting.</summary>
    private static int Warm(ChappeContender contender)
    {
        contender.Run(Work.Exchange, 2_000);
        return contender.Peer.Id;
    }

    /// <summary>By the process's own clock, which counts in nanoseconds, threads that have ended included; /proc/PID/stat counts in ticks of 10 ms.</summary>
    private static double ProcessorSeconds(int process)
    {
        // clock_getcpuclockid(3) on Linux: CPUCLOCK_SCHED, for a process.
        const int ProcessorClock = 2;
        return ClockGetTime((~process << 3) | ProcessorClock, out Time time) == 0 ? time.Seconds + (time.Nanoseconds / 1e9) : double.NaN;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Time time);
}
