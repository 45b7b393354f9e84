using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Chappe.Exchange;

namespace Chappe.Tensors;

/// <summary>Answers requests with tensors.</summary>
public static class RequestTensor
{
    /// <summary>Returns the data segment as a packed tensor to write to, without a copy. Finish the request with <see cref="CompleteTensor"/>.</summary>
    /// <typeparam name="T">The type of an element: an integer of 8 to 64 bits, <see cref="Half"/>, <see langword="float"/>, <see langword="double"/> or <see langword="bool"/>.</typeparam>
    /// <param name="request">The request to answer.</param>
    /// <param name="shape">The length of each dimension in elements, the outermost first; 1 to 8 of them.</param>
    /// <returns>A tensor whose elements have arbitrary values. Write all of them.</returns>
    /// <exception cref="ArgumentException">The shape is empty, has too many dimensions or a negative length, or is too large.</exception>
    /// <exception cref="NotSupportedException">The protocol has no element type for <typeparamref name="T"/>.</exception>
    /// <exception cref="Posix.SharedMemoryFullException">/dev/shm is full. If the handler does not catch the exception, the response has the status <see cref="ResponseStatus.NoSpace"/>.</exception>
    /// <exception cref="RequestFailedException"><see cref="ResponseStatus.TooLarge"/>: the tensor exceeds <see cref="ResponderOptions.MaxPayloadLength"/>.</exception>
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

        // This throws if the shape is too large, so the product cannot overflow.
        _ = PayloadDescription.Tensor(TensorElement<T>.Known, dimensions);
        foreach (nint length in shape)
        {
            count *= length;
        }

        return new TensorSpan<T>((T*)request.GetPointer(count * sizeof(T)), (nint)count, shape, []);
    }

    /// <summary>Completes the request with the tensor from <see cref="GetTensorSpan"/> and its description.</summary>
    /// <typeparam name="T">The type of an element.</typeparam>
    /// <param name="request">The request to answer.</param>
    /// <param name="tensor">The tensor, or a view that begins at its first element, such as its first rows or a permutation of its dimensions.</param>
    /// <param name="pixelFormat">For an image, the order of the samples of a pixel. The dimensions are then height, width and channels.</param>
    /// <param name="mediaType">The media type, at most 128 ASCII characters; null for none.</param>
    /// <exception cref="ArgumentException">The tensor is not in the data segment. Copy it to the tensor from <see cref="GetTensorSpan"/>.</exception>
    public static unsafe void CompleteTensor<T>(this Request request, TensorSpan<T> tensor, PixelFormat pixelFormat = PixelFormat.None, string? mediaType = null)
        where T : unmanaged
    {
        PayloadDescription description = TensorLayout.Describe(tensor, out long length);
        var payload = (T*)request.GetPointer(length);
        if (length > 0 && !Unsafe.AreSame(ref tensor.GetPinnableReference(), ref *payload))
        {
            throw new ArgumentException("The tensor does not begin at the start of the payload. Write to the tensor from GetTensorSpan, and complete the request with it.", nameof(tensor));
        }

        if (pixelFormat == PixelFormat.None)
        {
            request.Complete(new ResponseHeader(length), description, PayloadKind.Bytes, mediaType);
            return;
        }

        if (description.Rank != 3)
        {
            throw new ArgumentException($"An image has three dimensions (height, width, channels), but this tensor has {description.Rank}.", nameof(tensor));
        }

        description.PixelFormat = pixelFormat;
        var header = new ResponseHeader(length, description.Shape[1], description.Shape[0], description.Shape[2]);
        request.Complete(header, description, PayloadKind.Pixels, mediaType);
    }
}
