using Chappe.Posix;

namespace Chappe.Benchmarks;

/// <summary>Who competes, by the names in the tables.</summary>
internal static class Contenders
{
    public const string CSequence = "limit: C, sequence number, spinning";
    public const string CSemaphores = "limit: C, semaphores, no spin";
    public const string ChappeStreamed = "Chappe, streamed";
    public const string Semaphores = "Chappe semaphores";
    public const string SemaphoresNoSpin = "Chappe semaphores, no spin";
    public const string Chappe = "Chappe";
    public const string ChappeNoSpin = "Chappe, no spin";
    public const string ChappeAsync = "Chappe, async";
    public const string ChappeAsyncNoSpin = "Chappe, async, no spin";
    public const string Copy = "limit: memcpy + sum, one process";
    public const string FileRead = "limit: pread + sum, one process";
    public const string Decode = "limit: libvips, one process";
    public const string UnixSocket = "Unix socket";
    public const string UnixSocketAsync = "Unix socket, async";
    public const string NamedPipe = "NamedPipe";
    public const string NamedPipeAsync = "NamedPipe, async";
    public const string AnonymousPipe = "anonymous pipe";
    public const string Grpc = "gRPC over a Unix socket";
    public const string Http = "HTTP over a Unix socket";
    public const string NetMq = "NetMQ ipc";

    private static readonly TimeSpan Spin = NamedSemaphore.DefaultSpinBudget;

    public static IEnumerable<Contender> ForTwoCores(Options options)
    {
        yield return new ChappeContender(Chappe, Spin);
        yield return new ChappeContender(ChappeNoSpin, TimeSpan.Zero);
        yield return new AsyncChappeContender(ChappeAsync, Spin);
        yield return new AsyncChappeContender(ChappeAsyncNoSpin, TimeSpan.Zero);
        yield return new StreamedChappeContender(ChappeStreamed, Spin);
        yield return new SemaphoreContender(Semaphores, Spin);
        yield return new SemaphoreContender(SemaphoresNoSpin, TimeSpan.Zero);
        yield return new CContender(CSequence, "sequence");
        yield return new CContender(CSemaphores, "semaphores");
        yield return new CopyContender();
        yield return new FileReadContender();
        yield return new DecodeContender();
        yield return StreamContender.UnixSocket(UnixSocket, isAsynchronous: false);
        yield return StreamContender.UnixSocket(UnixSocketAsync, isAsynchronous: true);
        yield return StreamContender.NamedPipe(NamedPipe, isAsynchronous: false);
        yield return StreamContender.NamedPipe(NamedPipeAsync, isAsynchronous: true);
        yield return StreamContender.AnonymousPipe(AnonymousPipe);
        if (options.IsAll)
        {
            yield return WebContender.Grpc(Grpc);
            yield return WebContender.Http(Http);
            yield return new NetMqContender(NetMq);
        }
    }

    /// <summary>Those whose processes are to share one processor.</summary>
    public static IEnumerable<Contender> ForOneCore()
    {
        yield return new ChappeContender(Chappe, Spin);
        yield return new ChappeContender(ChappeNoSpin, TimeSpan.Zero);
        yield return new SemaphoreContender(Semaphores, Spin);
        yield return new SemaphoreContender(SemaphoresNoSpin, TimeSpan.Zero);
        yield return StreamContender.UnixSocket(UnixSocket, isAsynchronous: false);
    }
}
