using System.Globalization;
using System.Text;

namespace Chappe.Benchmarks;

/// <summary>The tables for people.</summary>
internal static class Report
{
    public static void Progress(string text) => Console.Error.WriteLine($"  {text}");

    public static string Of(Results results, Options options)
    {
        var text = new StringBuilder();
        foreach (var table in results.Measurements.GroupBy(one => (one.Group, one.Work)))
        {
            AppendMeasurements(text, $"{table.Key.Work.Name}, {table.Key.Group}", [.. table]);
        }

        AppendFigures(text, results.Figures);
        AppendBars(text, results, options);
        return text.ToString();
    }

    /// <summary>Whether every bar holds that can be judged. What was not asked for is not judged.</summary>
    public static bool AllHold(Results results, Options options) => Bars.All.All(bar => bar.Judge(results) switch
    {
        Verdict.DoesNotHold => false,
        Verdict.NotBuilt => options.Only is not null || options.KnownMissing.Contains(bar.Name),
        _ => true,
    });

    public static string Words(Verdict verdict) => verdict switch
    {
        Verdict.Holds => "holds",
        Verdict.DoesNotHold => "does not hold",
        Verdict.NotBuilt => "not built",
        _ => "not measured",
    };

    private static void AppendMeasurements(StringBuilder text, string title, Measurement[] rows)
    {
        Measurement? chappe = Array.Find(rows, row => row.Contender == Contenders.Chappe);
        Line(text, $"\n{title}");
        Line(text, $"  {"",-38}{"median µs",14}{"min",14}{"max",14}{"GB/s",9}{"× Chappe",11}");
        foreach (Measurement row in rows)
        {
            string throughput = row.Work.Size >= Work.Kilobyte && row.Work.Kind != WorkKind.HandedOver ? Number(row.BytesPerSecond / 1e9) : "";
            string ratio = chappe is null ? "" : Number(row.RatioTo(chappe));
            Line(text, $"  {row.Contender,-38}{Number(row.Median / 1e3),14}{Number(row.Fastest / 1e3),14}{Number(row.Slowest / 1e3),14}{throughput,9}{ratio,11}");
        }
    }

    private static void AppendFigures(StringBuilder text, List<Figure> figures)
    {
        Line(text, $"\nfigures");
        foreach (Figure figure in figures)
        {
            Line(text, $"  {figure.Name,-72}{Number(figure.Value),12} {figure.Unit}");
        }
    }

    private static void AppendBars(StringBuilder text, Results results, Options options)
    {
        Line(text, $"\nbars");
        foreach (Bar bar in Bars.All)
        {
            string measured = bar.Measure(results) is { } value ? $"{Number(value)} {bar.Unit}" : "";
            string limit = $"{(bar.IsAtMost ? "≤" : "≥")} {bar.Limit.ToString(CultureInfo.InvariantCulture)} {bar.Unit}";
            string known = options.KnownMissing.Contains(bar.Name) ? " (known)" : "";
            Line(text, $"  {bar.Name,-16}{bar.Promise,-88}{limit,-11}{measured,-12}{Words(bar.Judge(results))}{known}");
        }
    }

    private static string Number(double value) => value.ToString(
        Math.Abs(value) switch { >= 1000 => "N0", >= 100 => "N1", >= 1 => "N2", 0 => "N0", _ => "N3" }, CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
