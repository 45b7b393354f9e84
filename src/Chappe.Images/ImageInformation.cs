using Microsoft.Win32.SafeHandles;
using NetVips;

namespace Chappe.Images;

/// <summary>What the header of an image file says. All is 0 and null for a file that is no image.</summary>
/// <param name="Width">Width in pixels, as stored.</param>
/// <param name="Height">Height in pixels, as stored; of an animation, the first frame's.</param>
/// <param name="Channels">Samples per pixel as libvips reads them: a palette is expanded.</param>
/// <param name="MediaType">The format's media type, by the file's content.</param>
internal readonly record struct ImageInformation(int Width, int Height, int Channels, string? MediaType)
{
    /// <summary>Reads the header, and decodes nothing.</summary>
    public static ImageInformation Read(SafeFileHandle file)
    {
        try
        {
            // A file that lacks its end still has a width and a height.
            using OpenedImage? opened = OpenedImage.TryOpen(file, Enums.FailOn.None);
            return opened is null
                ? default
                : new ImageInformation(opened.Image.Width, opened.Image.Height, opened.Image.Bands, opened.MediaType);
        }
        catch (VipsException)
        {
            return default;
        }
    }
}
