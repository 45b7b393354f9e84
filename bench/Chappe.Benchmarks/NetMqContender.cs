using System.Buffers.Binary;
using NetMQ;
using NetMQ.Sockets;

namespace Chappe.Benchmarks;

/// <summary>NetMQ, request and reply. Its ipc addresses are TCP ports on this machine.</summary>
internal sealed class NetMqContender : Contender
{
    public const string PeerName = "netmq";

    private static bool _isUsed;

    private readonly RequestSocket _socket;
    private readonly byte[] _word = new byte[sizeof(ulong)];

    public NetMqContender(string name)
        : base(name)
    {
        _isUsed = true;
        string address = $"ipc://{Names.Unique()}";
        Peer = PeerProcess.Start(PeerName, address, TestFiles.Directory);
        _socket = new RequestSocket();
        _socket.Connect(address);
    }

    public override PeerProcess Peer { get; }

    public override bool HasOneThreadASide => false;

    public static void CleanUp()
    {
        if (_isUsed)
        {
            NetMQConfig.Cleanup(block: false);
        }
    }

    public override bool CanDo(Work work) =>
        work.Kind is WorkKind.Exchange or WorkKind.HandedOver or WorkKind.Written or WorkKind.File && work.Size < Work.Gigabyte;

    public override void Dispose()
    {
        _socket.Dispose();
        base.Dispose();
    }

    protected override void Do(Work work)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_word, work.Word);
        _socket.SendFrame(_word);
        var message = default(Msg);
        message.InitEmpty();
        _socket.Receive(ref message);
        if (work.IsRead)
        {
            Reading.Sum(message.Slice());
        }

        message.Close();
    }
}

/// <summary>The other side of <see cref="NetMqContender"/>.</summary>
internal static class NetMqPeer
{
    public static void Run(string[] arguments)
    {
        var answers = new AnswerBuffer(arguments[1]);
        using var socket = new ResponseSocket();
        socket.Bind(arguments[0]);
        Benchmarks.Peer.SayReady();
        while (true)
        {
            Work work = Work.FromWord(BinaryPrimitives.ReadUInt64LittleEndian(socket.ReceiveFrameBytes()));
            ReadOnlySpan<byte> payload = answers.Of(work).Span[AnswerBuffer.LengthSize..];
            var message = default(Msg);
            message.InitPool(payload.Length);
            payload.CopyTo(message.Slice());
            socket.Send(ref message, more: false);
            message.Close();
        }
    }
}
