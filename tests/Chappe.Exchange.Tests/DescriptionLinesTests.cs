using System.Runtime.InteropServices;
using CsCheck;

namespace Chappe.Exchange.Tests;

public sealed class DescriptionLinesTests
{
    private static readonly Gen<PayloadDescription> Description = Gen.Select(
        Gen.Enum<ElementType>(),
        Gen.Enum<PixelFormat>(),
        Gen.Long[0, long.MaxValue].Array[0, PayloadDescription.MaxRank],
        Gen.Long.Array[PayloadDescription.MaxRank],
        Describe);

    [Fact]
    public void A_description_that_is_written_is_the_description_that_is_read() =>
        Description.Sample(description =>
        {
            ControlPage page = default;
            MemoryMarshal.AsBytes(new Span<ControlPage>(ref page)).Fill(0xff);
            DescriptionLines.Write(ref page, description);
            PayloadDescription read = DescriptionLines.Read(page);
            Assert.Equal((description.ElementType, description.PixelFormat, description.Rank), (read.ElementType, read.PixelFormat, read.Rank));
            Assert.Equal((ReadOnlySpan<long>)description.Shape, (ReadOnlySpan<long>)read.Shape);
            Assert.Equal((ReadOnlySpan<long>)description.Strides, (ReadOnlySpan<long>)read.Strides);
        }, iter: 10_000);

    [Fact]
    public void Any_numbers_are_a_description_or_a_protocol_error() =>
        Gen.Select(Gen.UInt[0, 20], Gen.UInt[0, 10], Gen.UInt[0, 12]).Sample((elementType, pixelFormat, rank) =>
        {
            var page = new ControlPage { ElementType = elementType, PixelFormat = pixelFormat, Rank = rank };
            if (Enum.IsDefined((ElementType)elementType) && Enum.IsDefined((PixelFormat)pixelFormat) && rank <= PayloadDescription.MaxRank)
            {
                Assert.Equal((int)rank, DescriptionLines.Read(page).Rank);
            }
            else
            {
                Assert.Throws<ProtocolException>(() => DescriptionLines.Read(page));
            }
        }, iter: 10_000);

    [Fact]
    public void A_description_fits_if_every_element_that_it_can_reach_lies_inside() =>
        Gen.Select(Gen.Enum<ElementType>(), Gen.Long[0, 3].Array[0, 4], Gen.Long[-40, 40].Array[PayloadDescription.MaxRank], Gen.Long[0, 200])
            .Sample((elementType, shape, strides, length) =>
            {
                PayloadDescription description = Describe(elementType, PixelFormat.None, shape, strides);
                int size = PayloadDescription.SizeOf(elementType);
                bool expected = (shape.Length == 0 && elementType == ElementType.None) || Offsets(shape, strides).All(offset => offset >= 0 && offset + size <= length);
                Assert.Equal(expected, DescriptionLines.Fits(description, length));
            }, iter: 10_000);

    [Theory]
    [InlineData(ElementType.None, 0, true)]
    [InlineData(ElementType.Float64, 8, true)]
    [InlineData(ElementType.Float64, 7, false)]
    [InlineData(ElementType.Boolean, 0, false)]
    public void A_single_number_lies_inside_too(ElementType elementType, long length, bool fits) =>
        Assert.Equal(fits, DescriptionLines.Fits(PayloadDescription.Tensor(elementType), length));

    [Fact]
    public void A_packed_tensor_fits_exactly_its_product_of_bytes() =>
        Gen.Select(Gen.Enum<ElementType>().Where(type => type != ElementType.None), Gen.Long[1, 5].Array[0, PayloadDescription.MaxRank]).Sample((elementType, shape) =>
        {
            PayloadDescription description = PayloadDescription.Tensor(elementType, shape);
            long bytes = shape.Aggregate((long)PayloadDescription.SizeOf(elementType), (product, length) => product * length);
            Assert.True(DescriptionLines.Fits(description, bytes));
            Assert.False(DescriptionLines.Fits(description, bytes - 1));
        });

    [Fact]
    public void A_shape_that_no_tensor_has_is_refused()
    {
        Assert.Throws<ArgumentException>(() => PayloadDescription.Tensor(ElementType.UInt8, new long[9]));
        Assert.Throws<ArgumentException>(() => PayloadDescription.Tensor(ElementType.UInt8, 3, -1));
        Assert.Throws<ArgumentException>(() => PayloadDescription.Tensor(ElementType.UInt16, 1L << 31, 1L << 31));
        Assert.Equal(0, PayloadDescription.Tensor(ElementType.UInt16, long.MaxValue, 0).Shape[1]);
    }

    [Fact]
    public void No_numbers_overflow_while_it_is_looked_whether_they_fit() =>
        Gen.Select(Gen.Long[2, long.MaxValue].Array[PayloadDescription.MaxRank], Gen.Long[1L << 62, long.MaxValue].Array[PayloadDescription.MaxRank])
            .Sample((shape, strides) => Assert.False(DescriptionLines.Fits(Describe(ElementType.UInt8, PixelFormat.None, shape, strides), long.MaxValue)), iter: 10_000);

    /// <summary>Where each element begins.</summary>
    private static IEnumerable<long> Offsets(long[] shape, long[] strides)
    {
        IEnumerable<long> offsets = [0];
        for (int i = 0; i < shape.Length; i++)
        {
            (long count, long stride) = (shape[i], strides[i]);
            offsets = [.. offsets.SelectMany(offset => Enumerable.Range(0, (int)count).Select(index => offset + (index * stride)))];
        }

        return offsets;
    }

    private static PayloadDescription Describe(ElementType elementType, PixelFormat pixelFormat, long[] shape, long[] strides)
    {
        var description = new PayloadDescription { ElementType = elementType, PixelFormat = pixelFormat, Rank = shape.Length };
        for (int i = 0; i < shape.Length; i++)
        {
            (description.Shape[i], description.Strides[i]) = (shape[i], strides[i]);
        }

        return description;
    }
}
