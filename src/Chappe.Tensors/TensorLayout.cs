using System.Numerics.Tensors;
using Chappe.Exchange;

namespace Chappe.Tensors;

/// <summary>Turns a description in bytes into lengths and strides in elements, and back.</summary>
internal static class TensorLayout
{
    /// <summary>Gives a tensor over a payload that its description fits into.</summary>
    /// <exception cref="PayloadException">The elements are of another type, or <see cref="ReadOnlyTensorSpan{T}"/> has no such strides.</exception>
    internal static unsafe ReadOnlyTensorSpan<T> Over<T>(T* payload, long length, scoped in PayloadDescription description)
        where T : unmanaged
    {
        CheckElementType<T>(description);

        // A tensor span has at least one dimension: a single number is a row of one.
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
            throw new PayloadException($"{Describe(description)}: the elements along one dimension overlap those along another or lie between them, which a tensor span does not allow. Read the response's Span.", exception);
        }
    }

    /// <summary>Describes a tensor that begins where the payload does, and says how many bytes it reaches.</summary>
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
            ElementType.None => "The payload does not say of what type its elements are: the responder has to answer with a description. Read the response's Span.",
            ElementType.BFloat16 => $"{Describe(description)}: .NET has no type for bfloat16. Read the response's Span.",
            _ => $"{Describe(description)}, not of {asked} ({typeof(T).Name}).",
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

            // Kept within range, since a product of eight lengths does not fit into 128 bits.
            count = Int128.Min(count * Math.Max(1, lengths[i]), (Int128)long.MaxValue + 1);
        }

        // A stride of 0 repeats elements, so that a short payload may have more of them than can be counted. A tensor span counts those of an empty tensor too.
        return count <= nint.MaxValue
            ? isEmpty
            : throw new PayloadException($"{Describe(description)}: these are more elements than can be counted.");
    }

    private static void ReadStrides(in PayloadDescription description, ReadOnlySpan<nint> lengths, Span<nint> strides, int size)
    {
        for (int i = 0; i < description.Rank; i++)
        {
            // Along a dimension of one element nobody steps, and a tensor span refuses what would lead outside.
            if (lengths[i] == 1)
            {
                strides[i] = 0;
                continue;
            }

            (long stride, long rest) = Math.DivRem(description.Strides[i], size);
            if (rest != 0 || stride < 0)
            {
                throw new PayloadException(rest != 0
                    ? $"{Describe(description)}: a stride of {description.Strides[i]} bytes is no whole number of elements of {size} bytes. Read the response's Span."
                    : $"{Describe(description)}: a tensor span goes forward only, and one stride is negative. Read the response's Span.");
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
