using Chappe.Exchange;

namespace Chappe.Tensors;

/// <summary>Maps a .NET type to an element type of the protocol.</summary>
internal static class TensorElement<T>
    where T : unmanaged
{
    /// <summary>The element type; <see cref="ElementType.None"/> if the protocol has none.</summary>
    internal static readonly ElementType Type = default(T) switch
    {
        byte => ElementType.UInt8,
        sbyte => ElementType.Int8,
        ushort => ElementType.UInt16,
        short => ElementType.Int16,
        uint => ElementType.UInt32,
        int => ElementType.Int32,
        ulong => ElementType.UInt64,
        long => ElementType.Int64,
        Half => ElementType.Float16,
        float => ElementType.Float32,
        double => ElementType.Float64,
        bool => ElementType.Boolean,
        _ => ElementType.None,
    };

    internal static ElementType Known => Type != ElementType.None
        ? Type
        : throw new NotSupportedException($"The protocol has no element type for {typeof(T)}. Use an integer of 8 to 64 bits, Half, float, double or bool.");
}
