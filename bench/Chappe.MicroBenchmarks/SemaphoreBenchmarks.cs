using BenchmarkDotNet.Attributes;
using Chappe.Posix;

namespace Chappe.MicroBenchmarks;

/// <summary>What one call on a semaphore costs that nobody else uses.</summary>
[MemoryDiagnoser]
public class SemaphoreBenchmarks
{
    private NamedSemaphore? _semaphore;

    private NamedSemaphore Semaphore => _semaphore ?? throw new InvalidOperationException("BenchmarkDotNet calls SetUp first.");

    [GlobalSetup]
    public void SetUp()
    {
        _semaphore = NamedSemaphore.Create($"/chappe-micro-{Environment.ProcessId}");
        NamedSemaphore.Delete(_semaphore.Name);
    }

    [GlobalCleanup]
    public void CleanUp() => _semaphore?.Dispose();

    [Benchmark(Baseline = true)]
    public bool ReleaseAndTryWait()
    {
        Semaphore.Release();
        return Semaphore.TryWait();
    }

    [Benchmark]
    public void ReleaseAndWait()
    {
        Semaphore.Release();
        Semaphore.Wait();
    }

    [Benchmark]
    public async ValueTask ReleaseAndWaitAsync()
    {
        Semaphore.Release();
        await Semaphore.WaitAsync();
    }

    [Benchmark]
    public bool TryWaitInVain() => Semaphore.TryWait();

    [Benchmark]
    public int CurrentCount() => Semaphore.CurrentCount;
}
