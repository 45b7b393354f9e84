namespace Chappe.Benchmarks;

/// <summary>What one contender took for one work, round by round, in nanoseconds for each time.</summary>
internal sealed record Measurement(string Group, Work Work, string Contender, double[] Rounds)
{
    public double Median => Statistics.Median(Rounds);

    public double Fastest => Rounds.Min();

    public double Slowest => Rounds.Max();

    public double BytesPerSecond => Work.Size / (Median / 1e9);

    /// <summary>How many times as long it took, by the median of the rounds: the contenders of one round shared what the machine was like then.</summary>
    public double RatioTo(Measurement other) => Statistics.Median([.. Rounds.Zip(other.Rounds, (mine, its) => mine / its)]);
}

internal static class Statistics
{
    public static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
