using NetVips;

namespace Chappe.Images;

/// <summary>
/// How the rows of a file lie in the upright image, by its EXIF orientation: the pixel (x, y) of the file goes to
/// <see cref="Origin"/> + x × <see cref="ColumnStride"/> + y × <see cref="RowStride"/>, in bytes.
/// </summary>
internal readonly record struct Orientation(bool IsUpright, int Width, int Height, long Origin, long ColumnStride, long RowStride)
{
    public static Orientation Of(Image image, int pixelSize)
    {
        int value = image.Contains("orientation") && image.Get("orientation") is int stored ? stored : 1;
        return Of(value, image.Width, image.Height, pixelSize);
    }

    /// <param name="value">1 to 8 as in EXIF; anything else is upright.</param>
    /// <param name="width">Of the file.</param>
    /// <param name="height">Of the file.</param>
    /// <param name="pixelSize">In bytes.</param>
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
