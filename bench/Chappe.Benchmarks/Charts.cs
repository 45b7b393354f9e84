using ScottPlot;

namespace Chappe.Benchmarks;

/// <summary>Draws a run.</summary>
internal static class Charts
{
    private const int Width = 1000;

    /// <summary>Draws what was measured; a chart without measurements is left out.</summary>
    public static void Draw(Results results, string directory)
    {
        Measurement[] exchanges = [.. results.Measurements.Where(one => one.Work == Work.Exchange && one.Group == Results.TwoCores)];
        if (exchanges.Length > 0)
        {
            DrawLatency(exchanges, Path.Combine(directory, "performance-latency.svg"));
        }

        Measurement[] files = [.. results.Measurements.Where(one => one.Work.Kind == WorkKind.File && one.Contender is not (Contenders.ChappeAsync or Contenders.ChappeAsyncNoSpin))];
        if (files.Length > 0)
        {
            DrawThroughput(files, Path.Combine(directory, "performance-throughput.svg"));
        }
    }

    private static void DrawLatency(Measurement[] exchanges, string path)
    {
        Measurement[] slowestFirst = [.. exchanges.OrderByDescending(one => one.Median)];
        double lowest = Math.Floor(Math.Log10(slowestFirst.Min(one => one.Median) / 1e3));
        using Plot plot = NewPlot("Round trip of 8 bytes between two processes (µs, shorter is better)");
        for (int i = 0; i < slowestFirst.Length; i++)
        {
            double value = Math.Log10(slowestFirst[i].Median / 1e3);
            plot.Add.Bar(new ScottPlot.Bar
            {
                Position = i,
                Value = value,
                ValueBase = lowest,
                Orientation = Orientation.Horizontal,
                FillColor = ColorOf(slowestFirst[i].Contender),
                LineWidth = 0,
                Label = "",
            });
            ScottPlot.Plottables.Text label = plot.Add.Text(Microseconds(slowestFirst[i].Median / 1e3), value, i);
            label.LabelAlignment = Alignment.MiddleLeft;
            label.OffsetX = 6;
            label.LabelFontSize = 13;
        }

        plot.Axes.Left.SetTicks([.. Enumerable.Range(0, slowestFirst.Length).Select(i => (double)i)], [.. slowestFirst.Select(one => one.Contender)]);
        plot.Axes.Left.MajorTickStyle.Length = 0;
        UseDecades(plot.Axes.Bottom, Microseconds);
        plot.Axes.SetLimits(lowest, Math.Log10(slowestFirst[0].Median / 1e3) + 0.6, -0.7, slowestFirst.Length - 0.3);
        plot.SaveSvg(path, Width, 60 + (34 * slowestFirst.Length));
    }

    private static void DrawThroughput(Measurement[] files, string path)
    {
        using Plot plot = NewPlot("Throughput of a file that is read (GB/s, higher is better)");
        foreach (IGrouping<string, Measurement> contender in files.GroupBy(one => one.Contender))
        {
            Measurement[] bySize = [.. contender.OrderBy(one => one.Work.Size)];
            double[] sizesOfLine = [.. bySize.Select(one => Math.Log10(one.Work.Size))];
            double[] throughputs = [.. bySize.Select(one => Math.Log10(one.BytesPerSecond / 1e9))];
            ScottPlot.Plottables.Scatter line = plot.Add.Scatter(sizesOfLine, throughputs);
            line.LegendText = contender.Key;
            line.LineWidth = contender.Key == Contenders.Chappe ? 4 : 2;
            line.MarkerSize = 8;
            line.Color = ColorOf(contender.Key);
        }

        (double Size, string Name)[] sizes = [.. files.Select(one => (Math.Log10(one.Work.Size), one.Work.SizeName)).Distinct().Order()];
        plot.Axes.Bottom.SetTicks([.. sizes.Select(one => one.Size)], [.. sizes.Select(one => one.Name)]);
        UseDecades(plot.Axes.Left, value => value.ToString("0.#####", System.Globalization.CultureInfo.InvariantCulture));
        plot.ShowLegend(Edge.Right);
        plot.SaveSvg(path, Width, 560);
    }

    private static Plot NewPlot(string title)
    {
        var plot = new Plot();
        plot.Title(title, 17);
        plot.HideGrid();
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        return plot;
    }

    private static void UseDecades(IAxis axis, Func<double, string> format)
    {
        const int Lowest = -5;
        const int Highest = 6;
        int[] decades = [.. Enumerable.Range(Lowest, Highest - Lowest + 1)];
        axis.SetTicks([.. decades.Select(decade => (double)decade)], [.. decades.Select(decade => format(Math.Pow(10, decade)))]);
    }

    private static string Microseconds(double value) =>
        value.ToString(value >= 100 ? "N0" : value >= 1 ? "0.#" : "0.###", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Chappe in shades of one hue, the limits in grey, each other contender in a hue of its own.</summary>
    private static Color ColorOf(string contender) => contender switch
    {
        Contenders.Chappe or Contenders.Semaphores => Color.FromHex("#c8421d"),
        Contenders.ChappeStreamed => Color.FromHex("#6e1f0a"),
        _ when contender.StartsWith("Chappe", StringComparison.Ordinal) => Color.FromHex("#e89a7f"),
        _ when contender.StartsWith("limit", StringComparison.Ordinal) => Color.FromHex("#9a9a9a"),
        Contenders.UnixSocket => Color.FromHex("#1f5f99"),
        Contenders.UnixSocketAsync => Color.FromHex("#6fa3d0"),
        Contenders.NamedPipe => Color.FromHex("#2e7d4f"),
        Contenders.NamedPipeAsync => Color.FromHex("#83b998"),
        Contenders.AnonymousPipe => Color.FromHex("#7a5c99"),
        Contenders.Grpc => Color.FromHex("#b8860b"),
        Contenders.Http => Color.FromHex("#5d6d7e"),
        _ => Color.FromHex("#444444"),
    };
}
