using System.Diagnostics;
using System.Text;

namespace Chappe.FaultPeer;

/// <summary>What this process says to the test: whole lines, each out before the next step is taken.</summary>
internal static class Output
{
    private static readonly Stream Stream = Console.OpenStandardOutput();
    private static readonly Lock Gate = new();

    /// <summary>CLOCK_MONOTONIC in nanoseconds, the same in all processes of the machine.</summary>
    internal static long Now => Stopwatch.GetTimestamp();

    internal static void Say(string line)
    {
        lock (Gate)
        {
            Stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
        }
    }

    internal static void SayError(Exception exception, long when) =>
        Say($"error {exception.GetType().Name} {when} {exception.Message.ReplaceLineEndings(" ")}");
}
