using System.Buffers.Binary;
using System.IO.Pipes;
using System.Net.Sockets;

namespace Chappe.Benchmarks;

/// <summary>The other side of <see cref="StreamContender"/>. Length and payload stand in one buffer, so that they go out with one call.</summary>
internal sealed class StreamPeer(Stream requests, Stream responses, AnswerBuffer answers)
{
    public static void Run(string[] arguments)
    {
        (Stream requests, Stream responses) = Connect(arguments[0], arguments[1], arguments[2] == "async");
        var peer = new StreamPeer(requests, responses, new AnswerBuffer(arguments[3]));
        Peer.SayReady();
        if (arguments[2] == "async")
        {
            peer.AnswerAsync().GetAwaiter().GetResult();
        }
        else
        {
            peer.Answer();
        }
    }

    private static (Stream Requests, Stream Responses) Connect(string way, string address, bool isAsynchronous)
    {
        switch (way)
        {
            case "socket":
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Connect(new UnixDomainSocketEndPoint(address));
                var stream = new NetworkStream(socket, ownsSocket: true);
                return (stream, stream);
            case "named-pipe":
                var pipe = new NamedPipeClientStream(".", address, PipeDirection.InOut, isAsynchronous ? PipeOptions.Asynchronous : PipeOptions.None);
                pipe.Connect();
                return (pipe, pipe);
            default:
                string[] handles = address.Split(',');
                return (new AnonymousPipeClientStream(PipeDirection.In, handles[0]), new AnonymousPipeClientStream(PipeDirection.Out, handles[1]));
        }
    }

    private void Answer()
    {
        byte[] word = new byte[sizeof(ulong)];
        while (requests.ReadAtLeast(word, word.Length, throwOnEndOfStream: false) == word.Length)
        {
            responses.Write(AnswerTo(word).Span);
        }
    }

    private async Task AnswerAsync()
    {
        byte[] word = new byte[sizeof(ulong)];
        while (await requests.ReadAtLeastAsync(word, word.Length, throwOnEndOfStream: false).ConfigureAwait(false) == word.Length)
        {
            await responses.WriteAsync(AnswerTo(word)).ConfigureAwait(false);
        }
    }

    private ReadOnlyMemory<byte> AnswerTo(ReadOnlySpan<byte> word)
    {
        Work work = Work.FromWord(BinaryPrimitives.ReadUInt64LittleEndian(word));
        return work.Kind == WorkKind.Exchange ? answers.Of(work, sizeof(ulong)) : answers.Of(work);
    }
}
