using Chappe.Exchange;

namespace Chappe.Tensors;

/// <summary>Which .NET type an element type of the protocol is.</summary>
internal static class TensorElement<T>
    where T : unmanaged
{
    /// <summary><see cref="ElementType.None"/> for a type that the protocol does not know.</summary>
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
        : throw new NotSupportedException($"No element type of the protocol is a {typeof(T)}: take an integer of 8 to 64 bits, Half, float, double or bool.");
}
