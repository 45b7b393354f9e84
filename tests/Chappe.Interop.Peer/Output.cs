using System.Text;

namespace Chappe.Interop.Peer;

/// <summary>Whole lines, each out before the next step is taken.</summary>
internal static class Output
{
    private static readonly Stream Stream = Console.OpenStandardOutput();
    private static readonly Lock Gate = new();

    internal static void Say(FormattableString line)
    {
        lock (Gate)
        {
            Stream.Write(Encoding.UTF8.GetBytes(FormattableString.Invariant(line) + "\n"));
        }
    }

    /// <summary>FNV-1a, 64 bits.</summary>
    internal static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 0x100000001b3;
        }

        return hash;
    }
}
