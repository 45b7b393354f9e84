using System.Globalization;
using Chappe.Exchange;
using NetVips;

namespace Chappe.Images;

/// <summary>Keeps a small file from becoming more pixels than anybody wants.</summary>
internal static class PixelLimit
{
    public static bool IsWithin(Image image, long maxPixels) => (long)image.Width * image.Height <= maxPixels;

    /// <exception cref="RequestFailedException">The image has more pixels.</exception>
    public static void Check(Image image, long maxPixels, string name)
    {
        if (!IsWithin(image, maxPixels))
        {
            throw new RequestFailedException(
                ResponseStatus.TooLarge,
                string.Create(CultureInfo.InvariantCulture, $"'{name}' has {image.Width} × {image.Height} pixels; at most {maxPixels} are decoded here. Ask for the file."));
        }
    }
}
