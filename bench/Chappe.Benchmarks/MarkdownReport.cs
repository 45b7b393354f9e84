using System.Globalization;
using System.Text;

namespace Chappe.Benchmarks;

/// <summary>Writes the numbers of a run into docs/performance.md, between two marks.</summary>
internal static class MarkdownReport
{
    private const string Begin = "<!-- numbers: written by Chappe.Benchmarks -->";
    private const string End = "<!-- end of numbers -->";

    public static void WriteInto(string path, Results results, Options options)
    {
        string document = File.ReadAllText(path);
        int begin = document.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = document.IndexOf(End, StringComparison.Ordinal);
        if (begin < Begin.Length || end < begin)
        {
            throw new ArgumentException($"'{path}' has no marks to write between.");
        }

        File.WriteAllText(path, document[..begin] + Of(results, options) + document[end..]);
    }

    private static string Of(Results results, Options options)
    {
        var text = new StringBuilder();
        string machine = SystemName();
        Line(text, $"\n\n{machine}, {Affinity.Chosen.Count} processors, .NET {Environment.Version}; medians of {options.Rounds} interleaved rounds.\n");
        foreach (Measurement[] rows in results.Measurements.GroupBy(one => (one.Group, one.Work)).Select(table => table.ToArray()))
        {
            Measurement? chappe = Array.Find(rows, row => row.Contender == Contenders.Chappe);
            Line(text, $"| {rows[0].Work.Name}, {rows[0].Group} | median µs | min..max | × Chappe |\n| --- | ---: | ---: | ---: |");
            foreach (Measurement row in rows.OrderBy(row => row.Median))
            {
                string ratio = chappe is null ? "" : Report.Number(row.RatioTo(chappe));
                Line(text, $"| {row.Contender} | {Report.Number(row.Median / 1e3)} | {Report.Number(row.Fastest / 1e3)}..{Report.Number(row.Slowest / 1e3)} | {ratio} |");
            }

            text.Append('\n');
        }

        Line(text, $"| figure | |\n| --- | ---: |");
        foreach (Figure figure in results.Figures)
        {
            Line(text, $"| {figure.Name} | {Report.Number(figure.Value)} {figure.Unit} |");
        }

        Line(text, $"\n| bar | promise | limit | measured | |\n| --- | --- | ---: | ---: | --- |");
        foreach (Bar bar in Bars.All)
        {
            string measured = bar.Measure(results) is { } value ? $"{Report.Number(value)} {bar.Unit}" : "";
            Line(text, $"| `{bar.Name}` | {bar.Promise} | {(bar.IsAtMost ? "≤" : "≥")} {bar.Limit} {bar.Unit} | {measured} | {Report.Words(bar.Judge(results))} |");
        }

        return text.Append('\n').ToString();
    }

    private static string SystemName()
    {
        string? model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return $"{model?[(model.IndexOf(':', StringComparison.Ordinal) + 2)..] ?? "Linux"}, Linux {Environment.OSVersion.Version}";
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
