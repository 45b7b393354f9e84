using System.Globalization;

namespace Chappe.Benchmarks;

/// <summary>The hidden verb: the other side of one contender.</summary>
internal static class Peer
{
    public static void Run(ReadOnlySpan<string> arguments)
    {
        string contender = arguments[0];
        string[] rest = arguments[1..].ToArray();
        switch (contender)
        {
            case SemaphoreContender.PeerName:
                SemaphorePeer.Run(rest);
                break;
            case ChappeContender.PeerName:
                ChappePeer.Run(rest);
                break;
            case StreamContender.PeerName:
                StreamPeer.Run(rest);
                break;
            case WebContender.PeerName:
                WebPeer.Run(rest);
                break;
            case NetMqContender.PeerName:
                NetMqPeer.Run(rest);
                break;
            default:
                throw new ArgumentException($"There is no contender '{contender}'.");
        }
    }

    /// <summary>Says so, and from then on follows the orders on standard input until it ends.</summary>
    public static void SayReady()
    {
        Console.WriteLine(PeerProcess.Ready);
        new Thread(FollowOrders) { IsBackground = true, Name = "orders" }.Start();
    }

    private static void FollowOrders()
    {
        while (Console.ReadLine() is { } processor)
        {
            Affinity.PinProcess(int.Parse(processor, CultureInfo.InvariantCulture));
            Console.WriteLine(PeerProcess.Ready);
        }

        Environment.Exit(0);
    }
}
