using System.Text.Json;

namespace Chappe.Tool.Tests;

public sealed class BenchTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private ChappeProcess? _bench;

    public void Dispose()
    {
        try
        {
            if (_bench is not null)
            {
                int id = _bench.Id;
                _bench.Dispose();
                Channel.AssertNothingIsLeftOf($"bench-{id}-");
            }
        }
        finally
        {
            _directory.Dispose();
        }
    }

    [Fact]
    public async Task The_bench_measures_four_kinds_of_exchange_and_leaves_nothing()
    {
        ChappeProcess bench = _bench = ChappeProcess.Start(_directory.Path, "bench", "--json");

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
            Assert.All(
                record.GetProperty("requesterProcessors").EnumerateArray().Concat(record.GetProperty("responderProcessors").EnumerateArray()),
                processor => Assert.InRange(processor.GetInt32(), 0, 100_000));
            Assert.NotEmpty(record.GetProperty("requesterProcessors").EnumerateArray());
            Assert.NotEmpty(record.GetProperty("responderProcessors").EnumerateArray());
            Assert.InRange(record.GetProperty("sameProcessorShare").GetDouble(), 0, 1);
        });
        Assert.Equal(
            [JsonValueKind.Null, JsonValueKind.Null, JsonValueKind.Number, JsonValueKind.Null],
            bench.Exchanges.Select(record => record.GetProperty("bytesPerSecond").ValueKind));
    }

    [Fact]
    public async Task On_one_processor_the_table_for_people_says_so()
    {
        _bench = ChappeProcess.StartThrough(await Wrapper.OnOneProcessorAsync(), _directory.Path, "bench");

        Assert.Equal(0, await _bench.WaitForExitAsync());

        string output = _bench.Output;
        Assert.Equal(4, output.Split('\n').Count(line => line.EndsWith("100 %", StringComparison.Ordinal)));
        Assert.Contains("file read in place", output, StringComparison.Ordinal);
        Assert.Contains("B/s", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", output, StringComparison.Ordinal);
    }
}
