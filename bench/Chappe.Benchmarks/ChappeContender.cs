using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Chappe.Exchange;

namespace Chappe.Benchmarks;

/// <summary>Whole exchanges of Chappe, blocking.</summary>
internal class ChappeContender : Contender
{
    public const string PeerName = "chappe";

    private readonly byte[] _word = new byte[sizeof(ulong)];
    private readonly Dictionary<Work, byte[]> _names = [];

    public ChappeContender(string name, TimeSpan spinBudget, bool isAsynchronous = false)
        : base(name)
    {
        string channel = Names.Unique();
        Requester = Requester.Create(channel, new RequesterOptions { SpinBudget = spinBudget });
        Peer = PeerProcess.Start(
            PeerName, channel, TestFiles.Directory, spinBudget.Ticks.ToString(CultureInfo.InvariantCulture), isAsynchronous ? "async" : "blocking");
    }

    public override PeerProcess Peer { get; }

    public Requester Requester { get; }

    public override bool CanDo(Work work) => true;

    public override void Dispose()
    {
        base.Dispose();
        Requester.Dispose();
    }

    /// <summary>The bytes that the other side has allocated, in its thread and in all of its threads.</summary>
    public AllocatedBytes AllocatedByPeer()
    {
        using Response response = Requester.Request(NameOf(new Work(WorkKind.Allocated, AllocatedBytes.Size)).Span);
        return AllocatedBytes.Read(response.Span);
    }

    protected override void Do(Work work)
    {
        using Response response = Requester.Request(NameOf(work).Span, OptionsFor(work));
        Use(response, work);
    }

    protected static RequestOptions OptionsFor(Work work) =>
        new() { Kind = work.Kind == WorkKind.Pixels ? RequestKind.Pixels : RequestKind.Any };

    /// <summary>A file's name for files, the work itself for what the other side makes.</summary>
    protected ReadOnlyMemory<byte> NameOf(Work work)
    {
        if (work.Kind is not (WorkKind.File or WorkKind.Pixels))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_word, work.Word);
            return _word;
        }

        if (!_names.TryGetValue(work, out byte[]? name))
        {
            _names.Add(work, name = Encoding.UTF8.GetBytes(TestFiles.NameOf(work)));
        }

        return name;
    }

    protected static void Use(in Response response, Work work)
    {
        if (response.Length != work.Size && work.Kind != WorkKind.Pixels)
        {
            throw new InvalidOperationException($"{response.Length} bytes came where {work.Size} were asked for.");
        }

        if (work.IsRead)
        {
            Reading.Sum(response.Span);
        }
        else
        {
            Reading.Touch(response.Span);
        }
    }
}

/// <summary>Large payloads, read while the rest of them is written.</summary>
internal sealed class StreamedChappeContender(string name, TimeSpan spinBudget) : ChappeContender(name, spinBudget)
{
    public override bool CanDo(Work work) => work.IsRead && work.Size >= Work.Megabyte;

    protected override void Do(Work work)
    {
        using Response response = Requester.Request(NameOf(work).Span, OptionsFor(work) with { Streams = true });
        for (long position = 0; position < response.Length;)
        {
            response.WaitFor(position + 1);
            int length = (int)Math.Min(response.AvailableLength - position, int.MaxValue);
            Reading.Sum(response.GetSpan(position, length));
            position += length;
        }
    }
}

/// <summary>Whole exchanges of Chappe, awaited.</summary>
internal sealed class AsyncChappeContender(string name, TimeSpan spinBudget) : ChappeContender(name, spinBudget, isAsynchronous: true)
{
    public override bool HasOneThreadASide => false;

    public override long Run(Work work, int times) => RunAsync(work, times).AsTask().GetAwaiter().GetResult();

    private async ValueTask<long> RunAsync(Work work, int times)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
        {
            using Response response = await Requester.RequestAsync(NameOf(work), OptionsFor(work)).ConfigureAwait(false);
            Use(response, work);
        }

        return (long)Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }
}
