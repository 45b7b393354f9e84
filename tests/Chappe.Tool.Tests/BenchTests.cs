using System.Text.Json;

namespace Chappe.Tool.Tests;

public sealed class BenchTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_bench_measures_four_kinds_of_exchange_and_leaves_nothing()
    {
        using ChappeProcess bench = ChappeProcess.Start(_directory.Path, "bench", "--json");

        Assert.Equal(0, await bench.WaitForExitAsync());

        Assert.Equal(
            ["exchange", "frame handed over", "file read in place", "exchange, blocking"],
            bench.Exchanges.Select(record => record.GetProperty("name").GetString()));
        Assert.Equal([8, 6_220_800, 6_220_800, 8], bench.Exchanges.Select(record => record.GetProperty("bytes").GetInt64()));
        Assert.All(bench.Exchanges, record =>
        {
            double median = record.GetProperty("microseconds").GetDouble();
            Assert.InRange(median, 0.01, 1_000_000);
            Assert.InRange(record.GetProperty("minMicroseconds").GetDouble(), 0.01, median);
            Assert.InRange(record.GetProperty("maxMicroseconds").GetDouble(), median, 10_000_000);
        });
        Assert.Equal(
            [JsonValueKind.Null, JsonValueKind.Null, JsonValueKind.Number, JsonValueKind.Null],
            bench.Exchanges.Select(record => record.GetProperty("bytesPerSecond").ValueKind));
        Assert.Empty(Directory.EnumerateFiles("/dev/shm", $"*bench-{bench.Id}-*"));
    }

    [Fact]
    public async Task For_people_the_bench_is_a_table()
    {
        (int exitCode, string output, _) = await ChappeProcess.RunAsync(_directory.Path, "bench");

        Assert.Equal(0, exitCode);
        Assert.Contains("file read in place", output, StringComparison.Ordinal);
        Assert.Contains("B/s", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", output, StringComparison.Ordinal);
    }
}
