using System.Text.Json.Serialization;

namespace Chappe.Tool;

/// <summary>What one kind of exchange took. As JSON it has these properties in this order, in camel case.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Bytes">The payload's length.</param>
/// <param name="Microseconds">One exchange, by the median of many short samples.</param>
/// <param name="MinMicroseconds">By the fastest sample.</param>
/// <param name="MaxMicroseconds">By the slowest sample.</param>
/// <param name="BytesPerSecond">Of payload that was read; null where it was not.</param>
internal sealed record BenchRecord(string Name, long Bytes, double Microseconds, double MinMicroseconds, double MaxMicroseconds, double? BytesPerSecond)
{
    public static BenchRecord Of(string name, long bytes, bool isRead, List<double> microseconds)
    {
        microseconds.Sort();
        double median = microseconds[microseconds.Count / 2];
        return new(name, bytes, Round(median), Round(microseconds[0]), Round(microseconds[^1]), isRead ? Math.Round(bytes / (median / 1e6)) : null);
    }

    private static double Round(double microseconds) => Math.Round(microseconds, 3);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BenchRecord))]
internal sealed partial class BenchJson : JsonSerializerContext;
