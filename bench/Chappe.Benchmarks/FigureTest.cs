namespace Chappe.Benchmarks;

/// <summary>Something that is measured of Chappe alone.</summary>
internal abstract class FigureTest(string name)
{
    /// <summary>What --only is compared with.</summary>
    public string Name { get; } = name;

    public abstract IEnumerable<Figure> Run(IReadOnlyCollection<Contender> contenders);

    protected static ChappeContender Find(IReadOnlyCollection<Contender> contenders, string name) =>
        (ChappeContender)contenders.Single(contender => contender.Name == name);
}
