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
        });

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
        });

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
