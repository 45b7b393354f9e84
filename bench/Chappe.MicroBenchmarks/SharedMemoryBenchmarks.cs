using BenchmarkDotNet.Attributes;
using Chappe.Posix;

namespace Chappe.MicroBenchmarks;

/// <summary>What one look at a segment costs.</summary>
[MemoryDiagnoser]
public class SharedMemoryBenchmarks
{
    private const int Length = 1 << 20;

    private readonly byte[] _bytes = new byte[4096];
    private SharedMemory? _segment;

    private SharedMemory Segment => _segment ?? throw new InvalidOperationException("BenchmarkDotNet calls SetUp first.");

    [GlobalSetup]
    public void SetUp()
    {
        _segment = SharedMemory.Create($"/chappe-micro-{Environment.ProcessId}", Length);
        Segment.GetSpan(0, Length).Fill(1);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        SharedMemory.Delete(Segment.Name!);
        Segment.Dispose();
    }

    [Benchmark(Baseline = true)]
    public byte GetSpan() => Segment.GetSpan(0, Length)[0];

    /// <summary>statx(2).</summary>
    [Benchmark]
    public long GetStatus() => Segment.GetStatus().Length;

    /// <summary>fcntl(2), F_OFD_GETLK.</summary>
    [Benchmark]
    public bool IsLocked() => Segment.IsLocked(0);

    [Benchmark]
    public void EnsureLengthThatIsThere() => Segment.EnsureLength(Length);

    [Benchmark]
    public int ReadAPageByASystemCall() => Segment.Read(0, _bytes);

    [Benchmark]
    public void CopyAPage() => Segment.GetSpan(0, _bytes.Length).CopyTo(_bytes);

    [Benchmark]
    public bool TryGetStatusByName() => SharedMemory.TryGetStatus(Segment.Name!, out _);

    [Benchmark]
    public void OpenAndClose() => SharedMemory.OpenExisting(Segment.Name!).Dispose();
}
