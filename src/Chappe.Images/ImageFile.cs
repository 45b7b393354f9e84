using System.Diagnostics.CodeAnalysis;
using Chappe.Exchange;
using Microsoft.Win32.SafeHandles;
using NetVips;

namespace Chappe.Images;

/// <summary>Writes pixels to image files and reads thumbnails of image files, for the command <c>chappe</c>.</summary>
internal static class ImageFile
{
    private static readonly double[] Backdrop = [18, 18, 18];

    /// <summary>Whether pixels can be written in the format of a file name extension.</summary>
    /// <param name="extension">With its dot, in upper or lower case: <c>.png</c>.</param>
    public static bool CanWrite(string extension)
    {
        ArgumentNullException.ThrowIfNull(extension);
        return ImageEncoding.Find(extension) is not null;
    }

    /// <summary>Writes pixels to a file. PNG, WebP, TIFF and AVIF lose nothing of 8 bits, PNG and TIFF nothing of 16; JPEG has quality 95, and GIF a palette.</summary>
    /// <param name="pixels">Rows packed, top first: grey, grey and alpha, RGB or RGBA (alpha not premultiplied).</param>
    /// <param name="length">The number of bytes at <paramref name="pixels"/>.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="channels">Samples per pixel, 1 to 4.</param>
    /// <param name="elementType"><see cref="ElementType.UInt8"/> or <see cref="ElementType.UInt16"/>; <see cref="ElementType.None"/>, as the basic level leaves it, counts as 8 bits.</param>
    /// <param name="path">The file, whatever its name ends with. It is made or replaced.</param>
    /// <param name="extension">The format, with its dot: <c>.png</c>.</param>
    /// <exception cref="ArgumentException">The format cannot be written, or the numbers do not fit each other.</exception>
    /// <exception cref="IOException">The file cannot be written, or the format has no place for such an image.</exception>
    public static unsafe void WritePixels(byte* pixels, long length, int width, int height, int channels, ElementType elementType, string path, string extension)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(extension);
        ImageEncoding encoding = ImageEncoding.Find(extension)
            ?? throw new ArgumentException($"Images cannot be written as '{extension}'.", nameof(extension));
        CheckShape(length, width, height, channels, elementType);
        Libvips.EnsureLoaded();

        try
        {
            bool deep = elementType == ElementType.UInt16;
            using Image memory = Image.NewFromMemory((nint)pixels, (ulong)length, width, height, channels, deep ? Enums.BandFormat.Ushort : Enums.BandFormat.Uchar);
            using Image image = memory.Copy(interpretation: InterpretationOf(channels, deep));
            using Target target = Target.NewToFile(path);
            encoding.Write(image, target);
        }
        catch (VipsException exception)
        {
            throw new IOException($"'{path}' cannot be written as '{extension}': {exception.Message.Trim()}", exception);
        }
    }

    /// <summary>Reads an image file as a small picture: upright, 8-bit sRGB, what is transparent on a dark ground.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxWidth">The picture is at most this wide, and never larger than the image.</param>
    /// <param name="maxHeight">The picture is at most this high.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="height">The picture's height.</param>
    /// <param name="rgb">Three bytes a pixel, rows packed, top first; null if there is no picture.</param>
    /// <returns>False for a file that is missing, no image, damaged, or of more than <see cref="ImageDirectory.DefaultMaxPixels"/> pixels.</returns>
    public static bool TryReadThumbnail(string path, int maxWidth, int maxHeight, out int width, out int height, [NotNullWhen(true)] out byte[]? rgb)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxHeight);
        (width, height, rgb) = (0, 0, null);
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            using OpenedImage? opened = OpenedImage.TryOpen(file, Enums.FailOn.Error);
            if (opened is null || !PixelLimit.IsWithin(opened.Image, ImageDirectory.DefaultMaxPixels))
            {
                return false;
            }

            using Image picture = opened.ReadThumbnail(maxWidth, maxHeight)
                .Then(image => SampleConversion.Convert(image, allow16Bits: false))
                .Then(image => image.HasAlpha() ? image.Flatten(background: Backdrop[..(image.Bands - 1)]) : image.Copy())
                .Then(image => image.Colourspace(Enums.Interpretation.Srgb));
            byte[] bytes = picture.WriteToMemory<byte>();
            (width, height, rgb) = (picture.Width, picture.Height, bytes);
            return true;
        }
        catch (Exception exception) when (exception is VipsException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void CheckShape(long length, int width, int height, int channels, ElementType elementType)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, 4);
        if (elementType is not (ElementType.None or ElementType.UInt8 or ElementType.UInt16))
        {
            throw new ArgumentException($"Samples of type {elementType} cannot be written.", nameof(elementType));
        }

        Int128 needed = (Int128)width * height * channels * (elementType == ElementType.UInt16 ? 2 : 1);
        if (length != needed)
        {
            throw new ArgumentException($"{width} × {height} × {channels} samples are {needed} bytes, not {length}.", nameof(length));
        }
    }

    private static Enums.Interpretation InterpretationOf(int channels, bool deep) => (channels < 3, deep) switch
    {
        (true, true) => Enums.Interpretation.Grey16,
        (true, false) => Enums.Interpretation.Bw,
        (false, true) => Enums.Interpretation.Rgb16,
        (false, false) => Enums.Interpretation.Srgb,
    };
}
