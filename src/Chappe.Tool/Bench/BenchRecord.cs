using System.Text.Json.Serialization;

namespace Chappe.Tool;

/// <summary>The measurement of one kind of exchange. In JSON: these properties in this order, in camel case.</summary>
/// <param name="Name">The kind of exchange.</param>
/// <param name="Bytes">The length of the payload.</param>
/// <param name="Microseconds">The time of one exchange: the median of many short samples.</param>
/// <param name="MinMicroseconds">The fastest sample.</param>
/// <param name="MaxMicroseconds">The slowest sample.</param>
/// <param name="BytesPerSecond">The rate at which the payload was read; null where it was not.</param>
/// <param name="RequesterProcessors">The processors that ran the requester, in ascending order.</param>
/// <param name="ResponderProcessors">The processors that ran the responder, in ascending order.</param>
/// <param name="SameProcessorShare">The share of the samples with both sides on one processor, from 0 to 1.</param>
internal sealed record BenchRecord(
    string Name,
    long Bytes,
    double Microseconds,
    double MinMicroseconds,
    double MaxMicroseconds,
    double? BytesPerSecond,
    IReadOnlyCollection<int> RequesterProcessors,
    IReadOnlyCollection<int> ResponderProcessors,
    double SameProcessorShare)
{
    public static BenchRecord Of(string name, long bytes, bool isRead, List<double> microseconds, ProcessorUse processors)
    {
        microseconds.Sort();
        double median = microseconds[microseconds.Count / 2];
        return new(
            name,
            bytes,
            Round(median),
            Round(microseconds[0]),
            Round(microseconds[^1]),
            isRead ? Math.Round(bytes / (median / 1e6)) : null,
            processors.Requester,
            processors.Responder,
            Round(processors.SameShare));
    }

    private static double Round(double value) => Math.Round(value, 3);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BenchRecord))]
internal sealed partial class BenchJson : JsonSerializerContext;
