using System.Globalization;

namespace Chappe.Tool;

/// <summary>The table of <c>chappe bench</c>.</summary>
internal static class BenchTable
{
    private const int ListedProcessors = 4;

    public static ColumnTable Of(IEnumerable<BenchRecord> records)
    {
        var table = new ColumnTable(
            new("MEASURED"),
            new("BYTES", Rank: 3, IsNumber: true),
            new("MEDIAN", IsNumber: true),
            new("FASTEST", Rank: 2, IsNumber: true),
            new("SLOWEST", Rank: 1, IsNumber: true),
            new("THROUGHPUT", IsNumber: true),
            new("CPUS", Rank: 5),
            new("SAME CPU", Rank: 4, IsNumber: true));
        foreach (BenchRecord record in records)
        {
            table.Add(
                "default",
                record.Name,
                record.Bytes.ToString("N0", CultureInfo.InvariantCulture),
                Microseconds(record.Microseconds),
                Microseconds(record.MinMicroseconds),
                Microseconds(record.MaxMicroseconds),
                record.BytesPerSecond is { } rate ? $"{DisplayText.Bytes((long)rate)}/s" : "",
                $"{Listed(record.RequesterProcessors)} and {Listed(record.ResponderProcessors)}",
                string.Create(CultureInfo.InvariantCulture, $"{100 * record.SameProcessorShare:F0} %"));
        }

        return table;
    }

    private static string Listed(IReadOnlyCollection<int> processors) =>
        processors.Count <= ListedProcessors ? string.Join(',', processors) : $"{processors.Count} of them";

    private static string Microseconds(double value) =>
        $"{value.ToString(value < 10 ? "0.00" : "N0", CultureInfo.InvariantCulture)} µs";
}
