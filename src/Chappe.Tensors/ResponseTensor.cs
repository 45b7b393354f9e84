using System.Numerics.Tensors;
using Chappe.Exchange;

namespace Chappe.Tensors;

/// <summary>Reads a payload as a tensor.</summary>
public static class ResponseTensor
{
    /// <summary>The payload as a tensor, in place: nothing is copied. Not to be used once the response is disposed, since the next answer stands there.</summary>
    /// <typeparam name="T">
    /// The type of an element: an integer of 8 to 64 bits, <see cref="Half"/>, <see langword="float"/>, <see langword="double"/> or <see langword="bool"/>. It
    /// has to be the one that <see cref="Response.Description"/> says; nothing is converted.
    /// </typeparam>
    /// <param name="response">An answer with a description. Pixels of the basic level have one: bytes by row, column and channel.</param>
    /// <returns>Strides as the responder has them, rows with padding too. A single number (rank 0) is a tensor of one dimension of length 1.</returns>
    /// <exception cref="PayloadException">
    /// The responder did not say what the payload is, it is of another type, or its strides are none that a tensor span can have: negative, no whole number of
    /// elements, or such that the elements along one dimension overlap those along another or lie between them.
    /// </exception>
    /// <exception cref="NotSupportedException">No element type of the protocol is a <typeparamref name="T"/>.</exception>
    public static unsafe ReadOnlyTensorSpan<T> AsTensor<T>(this Response response)
        where T : unmanaged => TensorLayout.Over((T*)response.GetPointer(), response.Length, response.Description);
}
