using System.Diagnostics;
using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.Benchmarks;

/// <summary>From the call of Cancel until the blocked call has thrown, or the awaited one has gone on.</summary>
internal sealed class CancellationTest(Options options) : FigureTest("cancelling")
{
    public const string Blocking = "cancelling a blocked wait, median";
    public const string Asynchronous = "cancelling an awaited request, median";

    private readonly int _times = options.IsQuick ? 20 : 100;

    public override IEnumerable<Figure> Run(IReadOnlyCollection<Contender> contenders)
    {
        using NamedSemaphore semaphore = NamedSemaphore.Create($"/{Names.Unique()}");
        NamedSemaphore.Delete(semaphore.Name);
        yield return new Figure(Blocking, Median(token => Task.Factory.StartNew(
            () => MomentOfCancellation(() => semaphore.Wait(token)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)), "µs");

        // Nobody answers on this channel.
        using Requester requester = Requester.Create(Names.Unique());
        yield return new Figure(Asynchronous, Median(token => MomentOfCancellationAsync(requester, token)), "µs");
    }

    private double Median(Func<CancellationToken, Task<long>> wait)
    {
        const int ColdOnes = 5;
        double[] samples = new double[_times + ColdOnes];
        for (int i = 0; i < samples.Length; i++)
        {
            using var cancellation = new CancellationTokenSource();
            Task<long> waiting = wait(cancellation.Token);
            Thread.Sleep(2);
            long start = Stopwatch.GetTimestamp();
            cancellation.Cancel();
            samples[i] = Stopwatch.GetElapsedTime(start, waiting.GetAwaiter().GetResult()).TotalMicroseconds;
        }

        return Statistics.Median(samples[ColdOnes..]);
    }

    private static long MomentOfCancellation(Action wait)
    {
        try
        {
            wait();
            return 0;
        }
        catch (OperationCanceledException)
        {
            return Stopwatch.GetTimestamp();
        }
    }

    private static async Task<long> MomentOfCancellationAsync(Requester requester, CancellationToken cancellationToken)
    {
        try
        {
            using Response response = await requester.RequestAsync("nothing", cancellationToken).ConfigureAwait(false);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return Stopwatch.GetTimestamp();
        }
    }
}
