using Chappe.Exchange;
using NetVips;

namespace Chappe.Images;

/// <summary>Reads responses as images of libvips.</summary>
public static class ResponseImage
{
    /// <summary>Returns the pixels of a response as an image, in place. Dispose the image, and images made from it, before the response.</summary>
    /// <remarks>The image has the order red, green, blue even if the payload has blue, green, red, and rows may have padding. Neither causes a copy of the image.</remarks>
    /// <param name="response">A response with pixels: its description has height, width and channels, or, on the basic level, its header has.</param>
    /// <exception cref="PayloadException">
    /// The payload is not an image, or libvips does not support its layout: the type of the samples, or a distance between samples or pixels.
    /// </exception>
    public static unsafe Image AsImage(this Response response)
    {
        PayloadDescription description = DescriptionOf(response);
        (int width, int height, int channels) = ReadShape(description);
        Enums.BandFormat format = ReadFormat(description.ElementType);
        int pixelSize = channels * PayloadDescription.SizeOf(description.ElementType);
        int rowPixels = ReadRowStride(description, width, height, channels, pixelSize);
        CheckPixelFormat(description.PixelFormat, channels);
        Libvips.EnsureLoaded();

        try
        {
            byte* pixels = response.GetPointer();
            return OverRows(pixels, width, height, rowPixels, channels, format, pixelSize)
                .Then(image => InOrder(image, description.PixelFormat))
                .Then(image => image.Copy(interpretation: InterpretationOf(channels, format)));
        }
        catch (VipsException exception)
        {
            throw new PayloadException($"libvips does not support an image of {width} × {height} × {channels}: {exception.Message.Trim()}", exception);
        }
    }

    private static unsafe Image OverRows(byte* pixels, int width, int height, int rowPixels, int channels, Enums.BandFormat format, int pixelSize)
    {
        if (rowPixels == width)
        {
            return Image.NewFromMemory((nint)pixels, (ulong)width * (ulong)pixelSize * (ulong)height, width, height, channels, format);
        }

        // The payload may end with the last pixel, so that the last row has no padding.
        ulong rowSize = (ulong)rowPixels * (ulong)pixelSize;
        ulong upper = rowSize * (ulong)(height - 1);
        using Image padded = Image.NewFromMemory((nint)pixels, upper, rowPixels, height - 1, channels, format);
        using Image rows = padded.ExtractArea(0, 0, width, height - 1);
        using Image lastRow = Image.NewFromMemory((nint)(pixels + upper), (ulong)width * (ulong)pixelSize, width, 1, channels, format);
        return rows.Join(lastRow, Enums.Direction.Vertical);
    }

    private static Image InOrder(Image image, PixelFormat pixelFormat)
    {
        if (pixelFormat is not (PixelFormat.Bgr or PixelFormat.Bgra))
        {
            return image.Copy();
        }

        using Image blue = image.ExtractBand(0), green = image.ExtractBand(1), red = image.ExtractBand(2);
        if (pixelFormat == PixelFormat.Bgr)
        {
            return red.Bandjoin(green, blue);
        }

        using Image alpha = image.ExtractBand(3);
        return red.Bandjoin(green, blue, alpha);
    }

    private static PayloadDescription DescriptionOf(Response response)
    {
        PayloadDescription description = response.Description;
        if (description.ElementType != ElementType.None)
        {
            return description;
        }

        ResponseHeader header = response.Header;
        if (response.Kind != PayloadKind.Pixels || header is not { Width: > 0, Height: > 0, Channels: > 0 }
            || (UInt128)header.Width * (UInt128)header.Height > (UInt128)header.Length || header.Length != header.Width * header.Height * (Int128)header.Channels)
        {
            throw new PayloadException($"The payload is not an image: its kind is {response.Kind}, its length {header.Length:N0} bytes, and its dimensions are {header.Width} × {header.Height} × {header.Channels}.");
        }

        return PayloadDescription.Tensor(ElementType.UInt8, header.Height, header.Width, header.Channels);
    }

    private static (int Width, int Height, int Channels) ReadShape(in PayloadDescription description)
    {
        ReadOnlySpan<long> shape = description.Shape;
        return description.Rank == 3 && !shape[..3].ContainsAnyExceptInRange(1, int.MaxValue) && shape[2] <= 1024
            ? ((int)shape[1], (int)shape[0], (int)shape[2])
            : throw new PayloadException($"The payload is not an image: its shape is [{string.Join(", ", shape[..description.Rank].ToArray())}] instead of height, width and up to 1024 channels.");
    }

    private static Enums.BandFormat ReadFormat(ElementType elementType) => elementType switch
    {
        ElementType.UInt8 => Enums.BandFormat.Uchar,
        ElementType.Int8 => Enums.BandFormat.Char,
        ElementType.UInt16 => Enums.BandFormat.Ushort,
        ElementType.Int16 => Enums.BandFormat.Short,
        ElementType.UInt32 => Enums.BandFormat.Uint,
        ElementType.Int32 => Enums.BandFormat.Int,
        ElementType.Float32 => Enums.BandFormat.Float,
        ElementType.Float64 => Enums.BandFormat.Double,
        _ => throw new PayloadException($"libvips does not support samples of type {elementType}. Read the response's Span."),
    };

    /// <summary>Returns the distance from one row to the next, in pixels.</summary>
    private static int ReadRowStride(in PayloadDescription description, int width, int height, int channels, int pixelSize)
    {
        ReadOnlySpan<long> strides = description.Strides;
        long row = height == 1 ? (long)width * pixelSize : strides[0];
        bool isPacked = (channels == 1 || strides[2] == pixelSize / channels) && (width == 1 || strides[1] == pixelSize);
        return isPacked && row % pixelSize == 0 && row >= (long)width * pixelSize && row / pixelSize <= int.MaxValue
            ? (int)(row / pixelSize)
            : throw new PayloadException(
                $"libvips does not support the layout of the payload: its strides are [{string.Join(", ", strides[..3].ToArray())}] bytes, and its pixels of {pixelSize} bytes have to be " +
                "adjacent, in rows of whole pixels, the top row first. Read the response's Span.");
    }

    private static void CheckPixelFormat(PixelFormat pixelFormat, int channels)
    {
        int expected = pixelFormat switch
        {
            PixelFormat.None => channels,
            PixelFormat.Grey => 1,
            PixelFormat.GreyAlpha => 2,
            PixelFormat.Rgb or PixelFormat.Bgr => 3,
            _ => 4,
        };
        if (channels != expected)
        {
            throw new PayloadException($"The description is inconsistent: the pixel format is {pixelFormat}, but there are {channels} channels.");
        }
    }

    private static Enums.Interpretation InterpretationOf(int channels, Enums.BandFormat format) => (channels, format) switch
    {
        (1 or 2, Enums.BandFormat.Uchar) => Enums.Interpretation.Bw,
        (1 or 2, Enums.BandFormat.Ushort) => Enums.Interpretation.Grey16,
        (3 or 4, Enums.BandFormat.Uchar) => Enums.Interpretation.Srgb,
        (3 or 4, Enums.BandFormat.Ushort) => Enums.Interpretation.Rgb16,
        _ => Enums.Interpretation.Multiband,
    };
}
