using System.Buffers.Binary;
using System.Globalization;
using Chappe.Exchange;
using Chappe.Images;

namespace Chappe.Benchmarks;

/// <summary>The other side of <see cref="ChappeContender"/>.</summary>
internal sealed class ChappePeer(string directory) : IRequestHandler, IDisposable
{
    private readonly ImageDirectory _images = new(directory);
    private readonly FileDirectory _files = new(directory);
    private byte[] _source = [];

    public static void Run(string[] arguments)
    {
        var options = new ResponderOptions { SpinBudget = new TimeSpan(long.Parse(arguments[2], CultureInfo.InvariantCulture)) };
        using Responder responder = Responder.Open(arguments[0], options);
        using var handler = new ChappePeer(arguments[1]);
        Peer.SayReady();
        if (arguments[3] == "async")
        {
            responder.RunAsync(handler, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }

        while (true)
        {
            using Request request = responder.Receive();
            ValueTask task = handler.HandleAsync(request, CancellationToken.None);
            if (!task.IsCompletedSuccessfully)
            {
                task.AsTask().GetAwaiter().GetResult();
            }
        }
    }

    public ValueTask HandleAsync(Request request, CancellationToken cancellationToken)
    {
        if (request.Kind == RequestKind.Pixels)
        {
            return _images.HandleAsync(request, cancellationToken);
        }

        if (request.NameBytes.Length != sizeof(ulong))
        {
            return _files.HandleAsync(request, cancellationToken);
        }

        Work work = Work.FromWord(BinaryPrimitives.ReadUInt64LittleEndian(request.NameBytes));
        Span<byte> destination = request.GetSpan(work.Size);
        switch (work.Kind)
        {
            case WorkKind.Exchange:
                BinaryPrimitives.WriteUInt64LittleEndian(destination, work.Word);
                break;
            case WorkKind.Written when request.MayStream:
                Stream(request, destination);
                return default;
            case WorkKind.Written:
                Source(work.Size).CopyTo(destination);
                break;
            case WorkKind.Allocated:
                AllocatedBytes.Now().Write(destination);
                break;
        }

        request.Complete(new ResponseHeader(work.Size));
        return default;
    }

    public void Dispose()
    {
        _images.Dispose();
        _files.Dispose();
    }

    private void Stream(Request request, Span<byte> destination)
    {
        const int Piece = 256 << 10;
        ReadOnlySpan<byte> source = Source(destination.Length);
        request.Start(new ResponseHeader(destination.Length));
        for (int position = 0; position < destination.Length; position += Piece)
        {
            int length = Math.Min(Piece, destination.Length - position);
            source.Slice(position, length).CopyTo(destination[position..]);
            request.Advance(position + length);
        }

        request.Complete();
    }

    private ReadOnlySpan<byte> Source(long size)
    {
        if (_source.Length < size)
        {
            _source = TestFiles.Bytes(size);
        }

        return _source.AsSpan(0, (int)size);
    }
}
