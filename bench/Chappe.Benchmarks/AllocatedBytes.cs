using System.Buffers.Binary;

namespace Chappe.Benchmarks;

/// <summary>What a process has allocated on the managed heap since it started.</summary>
internal readonly record struct AllocatedBytes(long InThread, long InAllThreads)
{
    public const int Size = 2 * sizeof(long);

    public static AllocatedBytes Now() => new(GC.GetAllocatedBytesForCurrentThread(), GC.GetTotalAllocatedBytes(precise: true));

    public static AllocatedBytes Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[sizeof(long)..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, InThread);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[sizeof(long)..], InAllThreads);
    }
}
