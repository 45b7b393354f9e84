using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Chappe.Benchmarks.Rpc;
using Grpc.Net.Client;

namespace Chappe.Benchmarks;

/// <summary>gRPC and HTTP over a Unix socket, answered by Kestrel.</summary>
internal sealed class WebContender : Contender
{
    public const string PeerName = "web";

    private readonly HttpMessageHandler _handler;
    private readonly HttpClient _http;
    private readonly GrpcChannel? _channel;
    private readonly Answers.AnswersClient? _answers;
    private byte[] _payload = [];

    private WebContender(string name, bool isGrpc)
        : base(name)
    {
        string path = Path.Combine(TestFiles.Directory, Names.Unique());
        Peer = PeerProcess.Start(PeerName, isGrpc ? "grpc" : "http", path, TestFiles.Directory);
        _handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        _http = new HttpClient(_handler, disposeHandler: false) { BaseAddress = new Uri("http://localhost") };
        if (isGrpc)
        {
            _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = _handler, MaxReceiveMessageSize = null });
            _answers = new Answers.AnswersClient(_channel);
        }
    }

    public override PeerProcess Peer { get; }

    public override bool HasOneThreadASide => false;

    public static WebContender Grpc(string name) => new(name, isGrpc: true);

    public static WebContender Http(string name) => new(name, isGrpc: false);

    /// <summary>A gRPC message is held in memory several times over: 1 GiB of it is beyond what it is made for.</summary>
    public override bool CanDo(Work work) =>
        work.Kind is WorkKind.Exchange or WorkKind.HandedOver or WorkKind.Written or WorkKind.File && work.Size < Work.Gigabyte;

    public override long Run(Work work, int times)
    {
        if (_payload.Length < work.Size)
        {
            _payload = TestFiles.Bytes(work.Size);
        }

        return RunAsync(work, times).GetAwaiter().GetResult();
    }

    public override void Dispose()
    {
        _channel?.Dispose();
        _http.Dispose();
        _handler.Dispose();
        base.Dispose();
    }

    private async Task<long> RunAsync(Work work, int times)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
        {
            if (_answers is not null)
            {
                Answer answer = await _answers.AskAsync(new Question { Work = work.Word }).ConfigureAwait(false);
                Use(answer.Payload.Span, work);
            }
            else
            {
                await GetAsync(work).ConfigureAwait(false);
            }
        }

        return (long)Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    private async Task GetAsync(Work work)
    {
        string path = work.Word.ToString(CultureInfo.InvariantCulture);
        using HttpResponseMessage response = await _http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
        using Stream stream = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        Memory<byte> payload = _payload.AsMemory(0, (int)work.Size);
        await stream.ReadExactlyAsync(payload).ConfigureAwait(false);
        Use(payload.Span, work);
    }

    private static void Use(ReadOnlySpan<byte> payload, Work work)
    {
        if (work.IsRead)
        {
            Reading.Sum(payload);
        }
    }
}
