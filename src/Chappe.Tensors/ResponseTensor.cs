using System.Numerics.Tensors;
using Chappe.Exchange;

namespace Chappe.Tensors;

/// <summary>Reads responses as tensors.</summary>
public static class ResponseTensor
{
    /// <summary>Returns the payload as a tensor, in place. The tensor is valid until the response is disposed.</summary>
    /// <typeparam name="T">
    /// The type of an element: an integer of 8 to 64 bits, <see cref="Half"/>, <see langword="float"/>, <see langword="double"/> or <see langword="bool"/>. It
    /// must be the type in <see cref="Response.Description"/>; nothing is converted.
    /// </typeparam>
    /// <param name="response">A response with a description. Pixels of the basic level have one, of bytes by row, column and channel.</param>
    /// <returns>A tensor with the strides of the description, which may include padding. A single number (rank 0) is a tensor with one dimension of length 1.</returns>
    /// <exception cref="PayloadException">
    /// The response has no description, its elements have another type, or a tensor span does not support its strides: they are negative, not a multiple of the element
    /// size, or such that dimensions overlap or interleave.
    /// </exception>
    /// <exception cref="NotSupportedException">The protocol has no element type for <typeparamref name="T"/>.</exception>
    public static unsafe ReadOnlyTensorSpan<T> AsTensor<T>(this Response response)
        where T : unmanaged => TensorLayout.Over((T*)response.GetPointer(), response.Length, response.Description);
}
