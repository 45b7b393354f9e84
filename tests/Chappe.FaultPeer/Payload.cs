using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Chappe.FaultPeer;

/// <summary>The payload of a name, by a formula: whoever knows the name can check every byte.</summary>
/// <remarks>A name ends in <c>-LENGTH</c>.</remarks>
internal static class Payload
{
    /// <summary>The i-th of a series of names; lengths are mixed: none, a few bytes, pages, more than DATA starts with.</summary>
    internal static string NameOf(string series, int index)
    {
        ulong random = Mix((ulong)index + SeedOf(Encoding.UTF8.GetBytes(series)));
        int length = (index % 8) switch
        {
            0 => 60_000 + (int)(random % 200_000),
            1 => (int)(random % 3),
            2 or 3 => 4090 + (int)(random % 12),
            _ => (int)(random % 9000),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{series}.{index}-{length}");
    }

    internal static int LengthOf(ReadOnlySpan<byte> name) =>
        int.Parse(name[(name.LastIndexOf((byte)'-') + 1)..], CultureInfo.InvariantCulture);

    internal static byte[] Of(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        byte[] payload = new byte[LengthOf(bytes)];
        Fill(bytes, payload, 0);
        return payload;
    }

    /// <summary>Writes the part of the payload that begins at an offset, a multiple of 8.</summary>
    internal static void Fill(ReadOnlySpan<byte> name, Span<byte> part, int offset)
    {
        ulong seed = SeedOf(name);
        Span<byte> word = stackalloc byte[8];
        for (int i = 0; i < part.Length; i += 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Mix(seed + (ulong)(offset + i)));
            word[..Math.Min(8, part.Length - i)].CopyTo(part[i..]);
        }
    }

    internal static bool IsRight(string name, ReadOnlySpan<byte> payload)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (payload.Length != LengthOf(bytes))
        {
            return false;
        }

        ulong seed = SeedOf(bytes);
        Span<byte> word = stackalloc byte[8];
        for (int i = 0; i < payload.Length; i += 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Mix(seed + (ulong)i));
            int length = Math.Min(8, payload.Length - i);
            if (!payload.Slice(i, length).SequenceEqual(word[..length]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>FNV-1a, 64 bits: what the basic peer prints of a payload.</summary>
    internal static ulong HashOf(ReadOnlySpan<byte> bytes) => SeedOf(bytes);

    private static ulong SeedOf(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 0x100000001b3;
        }

        return hash;
    }

    /// <summary>splitmix64.</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
