using System.Text.Json;

namespace Chappe.Benchmarks;

/// <summary>The same for programs.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static string Of(Results results) => JsonSerializer.Serialize(
        new
        {
            Processors = Affinity.Chosen.Count,
            Kernel = Environment.OSVersion.VersionString,
            Runtime = Environment.Version.ToString(),
            Measurements = results.Measurements.Select(one => new
            {
                one.Group,
                Work = one.Work.Name,
                Bytes = one.Work.Size,
                one.Contender,
                MedianNanoseconds = one.Median,
                MinNanoseconds = one.Fastest,
                MaxNanoseconds = one.Slowest,
                RatioToChappe = results.Find(Contenders.Chappe, one.Work, one.Group) is { } chappe ? one.RatioTo(chappe) : (double?)null,
                one.Rounds,
            }),
            results.Figures,
            Bars = Bars.All.Select(bar => new
            {
                bar.Name,
                bar.Promise,
                bar.IsAtMost,
                bar.Limit,
                bar.Unit,
                Measured = bar.Measure(results),
                Verdict = Report.Words(bar.Judge(results)),
            }),
        },
        Layout);
}
