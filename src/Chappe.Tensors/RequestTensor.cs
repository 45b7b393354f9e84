using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Chappe.Exchange;

namespace Chappe.Tensors;

/// <summary>Answers a request with a tensor.</summary>
public static class RequestTensor
{
    /// <summary>Makes room for a packed tensor and gives the data segment itself to write it to: no copy is made. End with <see cref="CompleteTensor"/>.</summary>
    /// <typeparam name="T">The type of an element: an integer of 8 to 64 bits, <see cref="Half"/>, <see langword="float"/>, <see langword="double"/> or <see langword="bool"/>.</typeparam>
    /// <param name="request">The request that it answers.</param>
    /// <param name="shape">The length of each dimension in elements, the outermost first; 1 to 8 of them.</param>
    /// <returns>What stands there is of the answer before: write every element.</returns>
    /// <exception cref="ArgumentException">No tensor has this shape.</exception>
    /// <exception cref="NotSupportedException">No element type of the protocol is a <typeparamref name="T"/>.</exception>
    /// <exception cref="Posix.SharedMemoryFullException">/dev/shm has no room. Let it pass and the answer is <see cref="ResponseStatus.NoSpace"/>.</exception>
    /// <exception cref="RequestFailedException"><see cref="ResponseStatus.TooLarge"/>: it is more than <see cref="ResponderOptions.MaxPayloadLength"/>.</exception>
    public static unsafe TensorSpan<T> GetTensorSpan<T>(this Request request, params ReadOnlySpan<nint> shape)
        where T : unmanaged
    {
        if (shape.IsEmpty)
        {
            throw new ArgumentException("A tensor span has at least one dimension.", nameof(shape));
        }

        Span<long> dimensions = shape.Length <= PayloadDescription.MaxRank ? stackalloc long[shape.Length] : new long[shape.Length];
        long count = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            dimensions[i] = shape[i];
        }

        // Refuses what cannot be counted, so that the product here cannot overflow.
        _ = PayloadDescription.Tensor(TensorElement<T>.Known, dimensions);
        foreach (nint length in shape)
        {
            count *= length;
        }

        return new TensorSpan<T>((T*)request.GetPointer(count * sizeof(T)), (nint)count, shape, []);
    }

    /// <summary>Answers with the tensor that <see cref="GetTensorSpan"/> gave, and with what it is.</summary>
    /// <typeparam name="T">The type of an element.</typeparam>
    /// <param name="request">The request that it answers.</param>
    /// <param name="tensor">It, or a view of it that begins at its first element, such as its first rows or a permutation of its dimensions.</param>
    /// <param name="pixelFormat">The order of the samples of a pixel, if it is an image: its dimensions then are height, width, channels.</param>
    /// <param name="mediaType">Its media type in ASCII, at most 128 characters; null to say nothing.</param>
    /// <exception cref="ArgumentException">The tensor stands elsewhere: copy it to what <see cref="GetTensorSpan"/> gives.</exception>
    public static unsafe void CompleteTensor<T>(this Request request, TensorSpan<T> tensor, PixelFormat pixelFormat = PixelFormat.None, string? mediaType = null)
        where T : unmanaged
    {
        PayloadDescription description = TensorLayout.Describe(tensor, out long length);
        var payload = (T*)request.GetPointer(length);
        if (length > 0 && !Unsafe.AreSame(ref tensor.GetPinnableReference(), ref *payload))
        {
            throw new ArgumentException("The tensor does not begin where the payload does: write to the tensor that GetTensorSpan gives, and answer with that.", nameof(tensor));
        }

        if (pixelFormat == PixelFormat.None)
        {
            request.Complete(new ResponseHeader(length), description, PayloadKind.Bytes, mediaType);
            return;
        }

        if (description.Rank != 3)
        {
            throw new ArgumentException($"An image has three dimensions: height, width, channels. This tensor has {description.Rank}.", nameof(tensor));
        }

        description.PixelFormat = pixelFormat;
        var header = new ResponseHeader(length, description.Shape[1], description.Shape[0], description.Shape[2]);
        request.Complete(header, description, PayloadKind.Pixels, mediaType);
    }
}
