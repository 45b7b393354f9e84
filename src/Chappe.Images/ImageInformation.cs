using Microsoft.Win32.SafeHandles;
using NetVips;

namespace Chappe.Images;

/// <summary>The information in the header of an image file. The default value is for a file that is not an image.</summary>
/// <param name="Width">Width in pixels, as stored.</param>
/// <param name="Height">Height in pixels, as stored; of an animation, the first frame's.</param>
/// <param name="Channels">Samples per pixel as libvips reads them: a palette is expanded.</param>
/// <param name="MediaType">The media type, determined from the file's content.</param>
internal readonly record struct ImageInformation(int Width, int Height, int Channels, string? MediaType)
{
    /// <summary>Reads the header without decoding the image.</summary>
    public static ImageInformation Read(SafeFileHandle file)
    {
        if (PortableMap.TryOpen(file) is { } map)
        {
            return new ImageInformation(map.Width, map.Height, map.Channels, map.MediaType);
        }

        try
        {
            // A truncated file still has a width and a height.
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
