namespace Chappe.Benchmarks;

/// <summary>One number that is no comparison of contenders.</summary>
internal sealed record Figure(string Name, double Value, string Unit);

/// <summary>All that one run has measured.</summary>
internal sealed class Results
{
    public const string TwoCores = "two cores";
    public const string AnyCores = "wherever the scheduler puts them";
    public const string OneCore = "one core";

    public List<Measurement> Measurements { get; } = [];

    public List<Figure> Figures { get; } = [];

    public Measurement? Find(string contender, Work work, string group = TwoCores) =>
        Measurements.FirstOrDefault(one => one.Contender == contender && one.Work == work && one.Group == group);

    /// <summary>Whichever of several ways is the fastest: what a bar is held against.</summary>
    public Measurement? FindFastest(ReadOnlySpan<string> contenders, Work work)
    {
        Measurement? fastest = null;
        foreach (string contender in contenders)
        {
            Measurement? found = Find(contender, work);
            fastest = fastest is null || found?.Median < fastest.Median ? found ?? fastest : fastest;
        }

        return fastest;
    }

    public double? FindFigure(string name) => Figures.FirstOrDefault(one => one.Name == name)?.Value;
}
