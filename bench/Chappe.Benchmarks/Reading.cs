using System.Numerics;
using System.Runtime.InteropServices;

namespace Chappe.Benchmarks;

/// <summary>How every contender reads a payload: each byte of it, as fast as one thread can.</summary>
internal static class Reading
{
    private static ulong _sink;

    /// <summary>Sums the payload and keeps the sum, so that no compiler can leave the reading out.</summary>
    public static void Sum(ReadOnlySpan<byte> payload) => _sink += SumOf(payload);

    public static void Touch(ReadOnlySpan<byte> payload) => _sink += payload.IsEmpty ? 0ul : payload[^1];

    private static ulong SumOf(ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<Vector<ulong>> vectors = MemoryMarshal.Cast<byte, Vector<ulong>>(payload);
        Vector<ulong> first = default, second = default, third = default, fourth = default;
        int i = 0;
        for (; i <= vectors.Length - 4; i += 4)
        {
            first += vectors[i];
            second += vectors[i + 1];
            third += vectors[i + 2];
            fourth += vectors[i + 3];
        }

        ulong sum = Vector.Sum(first + second + third + fourth);
        foreach (byte rest in payload[(i * Vector<byte>.Count)..])
        {
            sum += rest;
        }

        return sum;
    }
}
