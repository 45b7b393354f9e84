using System.Globalization;
using Chappe.Exchange;

namespace Chappe.Images;

/// <summary>Limits the size of decoded images: a small file can contain a very large one.</summary>
internal static class PixelLimit
{
    public static bool IsWithin(int width, int height, long maxPixels) => (long)width * height <= maxPixels;

    /// <exception cref="RequestFailedException">The image has more pixels.</exception>
    public static void Check(int width, int height, long maxPixels, string name)
    {
        if (!IsWithin(width, height, maxPixels))
        {
            throw new RequestFailedException(
                ResponseStatus.TooLarge,
                string.Create(CultureInfo.InvariantCulture, $"'{name}' has {width} × {height} pixels, more than the limit of {maxPixels}. Request the file."));
        }
    }
}
