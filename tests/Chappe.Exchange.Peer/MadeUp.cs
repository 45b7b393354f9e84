using System.Buffers;

namespace Chappe.Exchange.Peer;

/// <summary>Bytes that both sides of a test can make, and their hash.</summary>
internal static class MadeUp
{
    internal static byte[] Bytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        Fill(bytes, seed);
        return bytes;
    }

    internal static void Fill(Span<byte> bytes, int seed) => new Random(seed).NextBytes(bytes);

    /// <summary>The hash that the peer in C prints too: 64-bit FNV-1a in 16 hexadecimal digits.</summary>
    internal static string Hash(in ReadOnlySequence<byte> bytes)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (ReadOnlyMemory<byte> piece in bytes)
        {
            foreach (byte value in piece.Span)
            {
                hash = (hash ^ value) * 0x100000001b3;
            }
        }

        return $"{hash:x16}";
    }
}
