using System.Collections.Concurrent;

namespace Chappe.FaultTests;

/// <summary>Peers that have started and wait to be told a role: starting one takes longer than most tests.</summary>
internal static class PeerPool
{
    private const int Ready = 4;

    private static readonly ConcurrentQueue<PeerProcess> Waiting = new();

    static PeerPool() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Empty();

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "Chappe.FaultPeer");

    public static PeerProcess Take()
    {
        while (Waiting.Count < Ready)
        {
            Waiting.Enqueue(new PeerProcess(Program));
        }

        return Waiting.TryDequeue(out PeerProcess? peer) ? peer : new PeerProcess(Program);
    }

    private static void Empty()
    {
        while (Waiting.TryDequeue(out PeerProcess? peer))
        {
            peer.Dispose();
        }
    }
}
