using System.Diagnostics;

namespace Chappe.Benchmarks;

/// <summary>From starting the published command until it has ended.</summary>
internal sealed class StartUpTest(Options options) : FigureTest("start-up")
{
    public const string Figure = "start-up of chappe --version, median";

    private const int Times = 20;

    public override IEnumerable<Figure> Run(IReadOnlyCollection<Contender> contenders)
    {
        if (options.Chappe is not { } chappe)
        {
            yield break;
        }

        double[] samples = new double[Times];
        for (int i = 0; i < Times; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using Process process = Process.Start(new ProcessStartInfo(chappe, ["--version"]) { RedirectStandardOutput = true })!;
            process.WaitForExit();
            samples[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        yield return new Figure(Figure, Statistics.Median(samples), "ms");
    }
}
