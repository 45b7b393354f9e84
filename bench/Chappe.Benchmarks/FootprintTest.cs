namespace Chappe.Benchmarks;

/// <summary>Whether mappings and resident memory stay as they are over many exchanges of varying size.</summary>
internal sealed class FootprintTest(Options options) : FigureTest("mappings and resident memory")
{
    public const string MoreMappings = "more mappings after 100 000 exchanges";
    public const string MoreMemory = "more resident memory after 100 000 exchanges";

    private const long Smallest = 8;
    private const long Largest = Work.Megabyte;

    private readonly int _times = options.IsQuick ? 10_000 : 100_000;

    public override IEnumerable<Figure> Run(IReadOnlyCollection<Contender> contenders)
    {
        ChappeContender chappe = Find(contenders, Contenders.Chappe);
        int[] processes = [Environment.ProcessId, chappe.Peer.Id];
        var random = new Random(1);
        chappe.Run(new Work(WorkKind.Written, Largest), 100);
        ExchangeVaryingSizes(chappe, random, _times / 10);

        int[] mappings = [.. processes.Select(Memory.Mappings)];
        long[] resident = [.. processes.Select(Memory.Resident)];
        ExchangeVaryingSizes(chappe, random, _times);

        yield return new Figure(MoreMappings, processes.Zip(mappings, (process, before) => Memory.Mappings(process) - before).Max(), "");
        yield return new Figure(MoreMemory, processes.Zip(resident, (process, before) => Memory.Resident(process) - before).Max() / 1e6, "MB");
    }

    private static void ExchangeVaryingSizes(ChappeContender chappe, Random random, int times)
    {
        double decades = Math.Log((double)Largest / Smallest);
        for (int i = 0; i < times; i++)
        {
            chappe.Run(new Work(WorkKind.Written, (long)(Smallest * Math.Exp(random.NextDouble() * decades))), 1);
        }
    }
}
