using System.Numerics.Tensors;
using Chappe.Exchange;

namespace Chappe.Tensors;

/// <summary>Converts a description in bytes to lengths and strides in elements, and back.</summary>
internal static class TensorLayout
{
    /// <summary>Returns a tensor over a payload that is known to contain all elements of its description.</summary>
    /// <exception cref="PayloadException">The elements have another type, or <see cref="ReadOnlyTensorSpan{T}"/> does not support the strides.</exception>
    internal static unsafe ReadOnlyTensorSpan<T> Over<T>(T* payload, long length, scoped in PayloadDescription description)
        where T : unmanaged
    {
        CheckElementType<T>(description);

        // A tensor span has at least one dimension, so a single number becomes a row of one element.
        int rank = Math.Max(1, description.Rank);
        Span<nint> lengths = stackalloc nint[rank];
        Span<nint> strides = stackalloc nint[rank];
        lengths[0] = 1;
        strides.Clear();
        if (!ReadShape(description, lengths))
        {
            ReadStrides(description, lengths, strides, sizeof(T));
        }

        try
        {
            return new ReadOnlyTensorSpan<T>(payload, (nint)(length / sizeof(T)), lengths, strides);
        }
        catch (ArgumentException exception)
        {
            throw new PayloadException($"{Describe(description)}. Its dimensions overlap or interleave, which a tensor span does not support. Read the response's Span.", exception);
        }
    }

    /// <summary>Describes a tensor at the start of the payload, and returns the number of bytes that it spans.</summary>
    internal static unsafe PayloadDescription Describe<T>(in TensorSpan<T> tensor, out long length)
        where T : unmanaged
    {
        var description = new PayloadDescription { ElementType = TensorElement<T>.Known, Rank = tensor.Rank };
        length = tensor.FlattenedLength == 0 ? 0 : sizeof(T);
        for (int i = 0; i < tensor.Rank; i++)
        {
            description.Shape[i] = tensor.Lengths[i];
            description.Strides[i] = tensor.Strides[i] * sizeof(T);
            length += tensor.FlattenedLength == 0 ? 0 : (description.Shape[i] - 1) * description.Strides[i];
        }

        return description;
    }

    private static void CheckElementType<T>(in PayloadDescription description)
        where T : unmanaged
    {
        ElementType asked = TensorElement<T>.Known;
        if (description.ElementType == asked)
        {
            return;
        }

        throw new PayloadException(description.ElementType switch
        {
            ElementType.None => "The payload has no element type. Read the response's Span, or have the responder complete the request with a description.",
            ElementType.BFloat16 => $"{Describe(description)}. .NET has no type for bfloat16. Read the response's Span.",
            _ => $"{Describe(description)}. The requested element type is {asked} ({typeof(T).Name}).",
        });
    }

    /// <returns>Whether the tensor is empty.</returns>
    private static bool ReadShape(in PayloadDescription description, Span<nint> lengths)
    {
        Int128 count = 1;
        bool isEmpty = false;
        for (int i = 0; i < description.Rank; i++)
        {
            lengths[i] = checked((nint)description.Shape[i]);
            isEmpty |= lengths[i] == 0;

            // Clamped, because a product of eight lengths does not fit into 128 bits.
            count = Int128.Min(count * Math.Max(1, lengths[i]), (Int128)long.MaxValue + 1);
        }

        // A stride of 0 repeats elements, so even a short payload may describe too many of them. A tensor span multiplies the lengths of an empty tensor, too.
        return count <= nint.MaxValue
            ? isEmpty
            : throw new PayloadException($"{Describe(description)}. It has too many elements.");
    }

    private static void ReadStrides(in PayloadDescription description, ReadOnlySpan<nint> lengths, Span<nint> strides, int size)
    {
        for (int i = 0; i < description.Rank; i++)
        {
            // The stride of a dimension of length 1 is never used, but a tensor span refuses one that leads outside.
            if (lengths[i] == 1)
            {
                strides[i] = 0;
                continue;
            }

            (long stride, long rest) = Math.DivRem(description.Strides[i], size);
            if (rest != 0 || stride < 0)
            {
                throw new PayloadException(rest != 0
                    ? $"{Describe(description)}. A stride of {description.Strides[i]} bytes is not a multiple of the element size of {size} bytes. Read the response's Span."
                    : $"{Describe(description)}. A tensor span does not support negative strides. Read the response's Span.");
            }

            strides[i] = (nint)stride;
        }
    }

    private static string Describe(in PayloadDescription description)
    {
        ReadOnlySpan<long> shape = description.Shape, strides = description.Strides;
        return $"The payload is a tensor of {description.ElementType}, shape [{string.Join(", ", shape[..description.Rank].ToArray())}], " +
            $"strides [{string.Join(", ", strides[..description.Rank].ToArray())}] bytes";
    }
}
