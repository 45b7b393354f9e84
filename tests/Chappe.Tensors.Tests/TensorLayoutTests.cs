using System.Numerics.Tensors;
using Chappe.Exchange;
using CsCheck;

namespace Chappe.Tensors.Tests;

/// <summary>Which descriptions are a tensor span, and of which elements.</summary>
public sealed unsafe class TensorLayoutTests
{
    private const int Capacity = 4096;

    private static readonly int[] Numbers = [.. Enumerable.Range(0, Capacity)];

    [Fact]
    public void Every_element_is_the_one_that_the_strides_in_bytes_lead_to() =>
        Gen.Select(Gen.Int[0, 4].Array[1, 4], Gen.Int[0, 20].Array[4], Gen.Bool).Sample((shape, strides, packed) =>
        {
            if (packed)
            {
                strides = Packed(shape);
            }

            fixed (int* numbers = Numbers)
            {
                ReadOnlyTensorSpan<int> tensor;
                try
                {
                    tensor = TensorLayout.Over(numbers, Capacity * sizeof(int), Describe(shape, strides));
                }
                catch (PayloadException)
                {
                    // Only what overlaps or interleaves may be refused.
                    Assert.False(packed);
                    Assert.True(Interleaves(shape, strides), $"[{string.Join(",", shape)}] [{string.Join(",", strides)}] does neither.");
                    return;
                }

                Assert.Equal(shape, tensor.Lengths.ToArray().Select(length => (int)length));
                foreach (int[] index in Indices(shape))
                {
                    Assert.Equal(index.Zip(strides, (i, stride) => i * stride).Sum(), tensor[[.. index.Select(i => (nint)i)]]);
                }
            }
        }, iter: 20_000);

    [Fact]
    public void Any_description_that_fits_the_payload_is_a_tensor_inside_it_or_refused_in_words() =>
        Gen.Select(
            Gen.Enum<ElementType>(),
            Gen.OneOf(Gen.Long[0, 5], Gen.Long[0, long.MaxValue]).Array[0, PayloadDescription.MaxRank],
            Gen.OneOf(Gen.Long[-40, 40], Gen.Const(0L), Gen.Long).Array[PayloadDescription.MaxRank],
            Gen.Long[0, 500]).Sample((elementType, shape, strides, length) =>
        {
            var description = new PayloadDescription { ElementType = elementType, Rank = shape.Length };
            shape.CopyTo(description.Shape);
            strides.CopyTo(description.Strides);
            if (!Fits(elementType, shape, strides, length))
            {
                return;
            }

            byte* payload = stackalloc byte[(int)length];
            try
            {
                ReadOnlyTensorSpan<short> tensor = TensorLayout.Over((short*)payload, length, description);
                Assert.Equal(ElementType.Int16, elementType);
                nint last = tensor.IsEmpty ? 0 : 1;
                for (int i = 0; i < tensor.Rank && !tensor.IsEmpty; i++)
                {
                    last += (tensor.Lengths[i] - 1) * tensor.Strides[i];
                }

                Assert.InRange(last * sizeof(short), 0, length);
            }
            catch (PayloadException exception)
            {
                Assert.Contains("payload", exception.Message, StringComparison.Ordinal);
            }
        }, iter: 50_000);

    [Fact]
    public void A_single_number_is_a_row_of_one()
    {
        double number = 2.5;
        ReadOnlyTensorSpan<double> tensor = TensorLayout.Over(&number, sizeof(double), PayloadDescription.Tensor(ElementType.Float64));
        Assert.Equal([1], tensor.Lengths);
        Assert.Equal(2.5, tensor[0]);
    }

    [Theory]
    [InlineData("half", ElementType.Float32, new long[] { 2 }, new long[] { 6 }, "6 bytes")]
    [InlineData("backwards", ElementType.Float32, new long[] { 1, 2 }, new long[] { 4, -4 }, "negative")]
    [InlineData("another type", ElementType.Float64, new long[] { 2 }, new long[] { 8 }, "Float32 (Single)")]
    [InlineData("bfloat16", ElementType.BFloat16, new long[] { 2 }, new long[] { 2 }, "bfloat16")]
    [InlineData("no type", ElementType.None, new long[] { 2 }, new long[] { 4 }, "description")]
    [InlineData("windows", ElementType.Float32, new long[] { 3, 3 }, new long[] { 4, 4 }, "overlap")]
    [InlineData("countless", ElementType.Float32, new[] { 1L << 62, 1L << 62 }, new long[] { 0, 0 }, "too many elements")]
    public void What_a_tensor_span_cannot_be_is_refused_with_the_reason(string what, ElementType elementType, long[] shape, long[] strides, string reason)
    {
        var description = new PayloadDescription { ElementType = elementType, Rank = shape.Length };
        shape.CopyTo(description.Shape);
        strides.CopyTo(description.Strides);
        float* payload = stackalloc float[16];
        PayloadException exception = Assert.Throws<PayloadException>(() => _ = TensorLayout.Over(payload, 64, description).Rank);
        Assert.True(exception.Message.Contains(reason, StringComparison.Ordinal), $"{what}: {exception.Message}");
    }

    [Fact]
    public void A_type_that_the_protocol_does_not_know_is_refused() =>
        Assert.Throws<NotSupportedException>(() => _ = TensorLayout.Over((char*)null, 0, PayloadDescription.Tensor(ElementType.UInt16, 0)).Rank);

    private static PayloadDescription Describe(int[] shape, int[] strides)
    {
        var description = new PayloadDescription { ElementType = ElementType.Int32, Rank = shape.Length };
        for (int i = 0; i < shape.Length; i++)
        {
            (description.Shape[i], description.Strides[i]) = (shape[i], strides[i] * sizeof(int));
        }

        return description;
    }

    private static int[] Packed(int[] shape)
    {
        int[] strides = new int[shape.Length];
        for (int i = shape.Length - 1, stride = 1; i >= 0; stride *= shape[i--])
        {
            strides[i] = stride;
        }

        return strides;
    }

    /// <summary>Whether a dimension's step is shorter than all of the dimension with the next shorter step.</summary>
    private static bool Interleaves(int[] shape, int[] strides)
    {
        int extent = 1;
        foreach ((int length, int stride) in shape.Zip(strides).Where(pair => pair.First > 1 && pair.Second > 0).OrderBy(pair => pair.Second))
        {
            if (stride < extent)
            {
                return true;
            }

            extent = length * stride;
        }

        return false;
    }

    private static bool Fits(ElementType elementType, long[] shape, long[] strides, long length)
    {
        System.Numerics.BigInteger lowest = 0, highest = PayloadDescription.SizeOf(elementType);
        for (int i = 0; i < shape.Length; i++)
        {
            System.Numerics.BigInteger reach = (System.Numerics.BigInteger)(shape[i] - 1) * strides[i];
            lowest += reach < 0 ? reach : 0;
            highest += reach > 0 ? reach : 0;
        }

        return shape.Contains(0) || (lowest >= 0 && highest <= length);
    }

    private static IEnumerable<int[]> Indices(int[] shape)
    {
        IEnumerable<int[]> indices = [[]];
        foreach (int length in shape)
        {
            indices = [.. indices.SelectMany(index => Enumerable.Range(0, length).Select(i => (int[])[.. index, i]))];
        }

        return indices;
    }
}
