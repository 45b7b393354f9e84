using System.Diagnostics.CodeAnalysis;
using Chappe.Exchange;
using Microsoft.Win32.SafeHandles;
using NetVips;

namespace Chappe.Images;

/// <summary>Writes pixels to image files and reads thumbnails of image files, for the command <c>chappe</c>.</summary>
internal static class ImageFile
{
    private static readonly double[] Backdrop = [18, 18, 18];

    /// <summary>Whether the format of a file name extension can be written.</summary>
    /// <param name="extension">The extension with its dot, in upper or lower case, such as <c>.png</c>.</param>
    public static bool CanWrite(string extension)
    {
        ArgumentNullException.ThrowIfNull(extension);
        return ImageEncoding.Find(extension) is not null;
    }

    /// <summary>Writes pixels to a file. PNG, WebP, TIFF and AVIF are lossless for 8 bits, PNG and TIFF for 16. JPEG has quality 95, and GIF a palette.</summary>
    /// <param name="pixels">Packed rows, the top row first, of grey, grey and alpha, RGB or RGBA samples with straight alpha.</param>
    /// <param name="length">The number of bytes at <paramref name="pixels"/>.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="channels">Samples per pixel, 1 to 4.</param>
    /// <param name="elementType"><see cref="ElementType.UInt8"/> or <see cref="ElementType.UInt16"/>; <see cref="ElementType.None"/>, as on the basic level, means 8 bits.</param>
    /// <param name="path">The file to create or replace. Its extension does not matter.</param>
    /// <param name="extension">The extension of the format, with its dot, such as <c>.png</c>.</param>
    /// <exception cref="ArgumentException">The format cannot be written, or the dimensions do not match the length.</exception>
    /// <exception cref="IOException">The file cannot be written, or the format does not support such an image.</exception>
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

    /// <summary>Reads a thumbnail of an image file: upright, 8-bit sRGB, transparent parts on a dark background.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxWidth">The largest width in pixels. A thumbnail is never larger than the image.</param>
    /// <param name="maxHeight">The largest height in pixels.</param>
    /// <param name="width">The width of the thumbnail in pixels.</param>
    /// <param name="height">The height of the thumbnail in pixels.</param>
    /// <param name="rgb">Three bytes per pixel, rows packed, the top row first; null if there is no thumbnail.</param>
    /// <returns>False if the file is missing, damaged, not an image, or has more than <see cref="ImageDirectory.DefaultMaxPixels"/> pixels.</returns>
    public static bool TryReadThumbnail(string path, int maxWidth, int maxHeight, out int width, out int height, [NotNullWhen(true)] out byte[]? rgb)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxHeight);
        (width, height, rgb) = (0, 0, null);
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            using Image? thumbnail = TryReadThumbnail(file, maxWidth, maxHeight);
            if (thumbnail is null)
            {
                return false;
            }

            using Image picture = thumbnail.Copy()
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

    private static Image? TryReadThumbnail(SafeFileHandle file, int maxWidth, int maxHeight)
    {
        if (PortableMap.TryOpen(file) is { } map)
        {
            return PixelLimit.IsWithin(map.Width, map.Height, ImageDirectory.DefaultMaxPixels) && map.IsComplete
                ? Decode(map).Then(image => image.ThumbnailImage(maxWidth, height: maxHeight, size: Enums.Size.Down))
                : null;
        }

        using OpenedImage? opened = OpenedImage.TryOpen(file, Enums.FailOn.Error);
        return opened is not null && PixelLimit.IsWithin(opened.Image.Width, opened.Image.Height, ImageDirectory.DefaultMaxPixels)
            ? opened.ReadThumbnail(maxWidth, maxHeight)
            : null;
    }

    private static unsafe Image Decode(PortableMap map)
    {
        byte[] pixels = new byte[(long)map.Width * map.Height * map.Channels];
        fixed (byte* first = pixels)
        {
            map.Decode(first, deep: false, CancellationToken.None);
        }

        return Image.NewFromMemory(pixels, map.Width, map.Height, map.Channels, Enums.BandFormat.Uchar)
            .Then(image => image.Copy(interpretation: InterpretationOf(map.Channels, deep: false)));
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
