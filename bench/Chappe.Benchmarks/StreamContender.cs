using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipes;
using System.Net.Sockets;

namespace Chappe.Benchmarks;

/// <summary>
/// What .NET offers between two processes: a stream. 8 bytes go there; back come 8 bytes, the payload's length, and the payload, which is received into a
/// warm buffer.
/// </summary>
internal sealed class StreamContender : Contender
{
    public const string PeerName = "stream";

    private readonly Stream _requests;
    private readonly Stream _responses;
    private readonly bool _isAsynchronous;
    private readonly byte[] _word = new byte[sizeof(ulong)];
    private byte[] _payload = [];

    private StreamContender(string name, PeerProcess peer, Stream requests, Stream responses, bool isAsynchronous)
        : base(name)
    {
        Peer = peer;
        _requests = requests;
        _responses = responses;
        _isAsynchronous = isAsynchronous;
    }

    public override PeerProcess Peer { get; }

    public override bool HasOneThreadASide => !_isAsynchronous;

    public static StreamContender UnixSocket(string name, bool isAsynchronous)
    {
        string path = Path.Combine(TestFiles.Directory, Names.Unique());
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        PeerProcess peer = PeerProcess.StartWithoutWaiting(PeerName, "socket", path, isAsynchronous ? "async" : "blocking", TestFiles.Directory);
        var stream = new NetworkStream(listener.Accept(), ownsSocket: true);
        peer.WaitUntilReady();
        return new StreamContender(name, peer, stream, stream, isAsynchronous);
    }

    public static StreamContender NamedPipe(string name, bool isAsynchronous)
    {
        string path = Names.Unique();
        var stream = new NamedPipeServerStream(
            path, PipeDirection.InOut, 1, PipeTransmissionMode.Byte, isAsynchronous ? PipeOptions.Asynchronous : PipeOptions.None);
        PeerProcess peer = PeerProcess.StartWithoutWaiting(PeerName, "named-pipe", path, isAsynchronous ? "async" : "blocking", TestFiles.Directory);
        stream.WaitForConnection();
        peer.WaitUntilReady();
        return new StreamContender(name, peer, stream, stream, isAsynchronous);
    }

    public static StreamContender AnonymousPipe(string name)
    {
        var requests = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        var responses = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        PeerProcess peer = PeerProcess.Start(
            PeerName, "anonymous-pipe", $"{requests.GetClientHandleAsString()},{responses.GetClientHandleAsString()}", "blocking", TestFiles.Directory);
        requests.DisposeLocalCopyOfClientHandle();
        responses.DisposeLocalCopyOfClientHandle();
        return new StreamContender(name, peer, requests, responses, isAsynchronous: false);
    }

    public override bool CanDo(Work work) => work.Kind is WorkKind.Exchange or WorkKind.HandedOver or WorkKind.Written or WorkKind.File;

    public override long Run(Work work, int times)
    {
        if (_payload.Length < work.Size)
        {
            _payload = TestFiles.Bytes(work.Size);
        }

        return _isAsynchronous ? RunAsync(work, times).AsTask().GetAwaiter().GetResult() : base.Run(work, times);
    }

    public override void Dispose()
    {
        base.Dispose();
        _requests.Dispose();
        _responses.Dispose();
    }

    protected override void Do(Work work)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_word, work.Word);
        _requests.Write(_word);
        _responses.ReadExactly(_word);
        Memory<byte> payload = PayloadOf(work);
        _responses.ReadExactly(payload.Span);
        Use(payload.Span, work);
    }

    private async ValueTask<long> RunAsync(Work work, int times)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_word, work.Word);
            await _requests.WriteAsync(_word).ConfigureAwait(false);
            await _responses.ReadExactlyAsync(_word).ConfigureAwait(false);
            Memory<byte> payload = PayloadOf(work);
            await _responses.ReadExactlyAsync(payload).ConfigureAwait(false);
            Use(payload.Span, work);
        }

        return (long)Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    /// <summary>An exchange of 8 bytes is 8 bytes each way: there the length itself is the payload.</summary>
    private Memory<byte> PayloadOf(Work work) =>
        work.Kind == WorkKind.Exchange ? default : _payload.AsMemory(0, checked((int)BinaryPrimitives.ReadUInt64LittleEndian(_word)));

    private static void Use(ReadOnlySpan<byte> payload, Work work)
    {
        if (work.IsRead)
        {
            Reading.Sum(payload);
        }
    }
}
