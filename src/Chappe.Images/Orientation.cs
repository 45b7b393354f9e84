using NetVips;

namespace Chappe.Images;

/// <summary>
/// The position of stored pixels in the upright image, by the EXIF orientation: the stored pixel (x, y) goes to
/// <see cref="Origin"/> + x × <see cref="ColumnStride"/> + y × <see cref="RowStride"/>, in bytes.
/// </summary>
internal readonly record struct Orientation(bool IsUpright, int Width, int Height, long Origin, long ColumnStride, long RowStride)
{
    public static Orientation Of(Image image, int pixelSize)
    {
        int value = image.Contains("orientation") && image.Get("orientation") is int stored ? stored : 1;
        return Of(value, image.Width, image.Height, pixelSize);
    }

    /// <param name="value">The EXIF orientation, 1 to 8. Any other value means upright.</param>
    /// <param name="width">The stored width in pixels.</param>
    /// <param name="height">The stored height in pixels.</param>
    /// <param name="pixelSize">The size of a pixel in bytes.</param>
    public static Orientation Of(int value, int width, int height, int pixelSize)
    {
        bool turned = value is >= 5 and <= 8;
        long row = (long)(turned ? height : width) * pixelSize;
        long right = row - pixelSize;
        long bottom = ((turned ? width : height) - 1) * row;
        return value switch
        {
            2 => new(false, width, height, right, -pixelSize, row),
            3 => new(false, width, height, bottom + right, -pixelSize, -row),
            4 => new(false, width, height, bottom, pixelSize, -row),
            5 => new(false, height, width, 0, row, pixelSize),
            6 => new(false, height, width, right, row, -pixelSize),
            7 => new(false, height, width, bottom + right, -row, -pixelSize),
            8 => new(false, height, width, bottom, -row, pixelSize),
            _ => new(true, width, height, 0, pixelSize, row),
        };
    }
}
