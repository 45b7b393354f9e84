using System.Globalization;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary>The table at the end of a run.</summary>
internal static class TotalsTable
{
    public static Table Create(ExchangeTotals totals)
    {
        Table table = new Table().Border(TableBorder.Rounded);
        foreach (string heading in (ReadOnlySpan<string>)["exchanges", "failed", "bytes", "median", "fastest", "slowest", "throughput"])
        {
            table.AddColumn(new TableColumn(heading).RightAligned());
        }

        return table.AddRow(
            Number(totals.Succeeded),
            Number(totals.Failed),
            Number(totals.Bytes),
            Microseconds(totals.MedianMicroseconds),
            Microseconds(totals.MinMicroseconds),
            Microseconds(totals.MaxMicroseconds),
            $"{DisplayText.Bytes(totals.BytesPerSecond)}/s");
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Microseconds(long microseconds) => $"{Number(microseconds)} µs";
}
