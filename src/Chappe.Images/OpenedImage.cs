using Microsoft.Win32.SafeHandles;
using NetVips;

namespace Chappe.Images;

/// <summary>An image whose header has been read and whose pixels have not been decoded.</summary>
internal sealed class OpenedImage : IDisposable
{
    private readonly Source _source;

    private OpenedImage(Source source, Image image, string mediaType)
    {
        _source = source;
        Image = image;
        MediaType = mediaType;
    }

    /// <summary>The image as stored, which can be read once from top to bottom.</summary>
    public Image Image { get; }

    public string MediaType { get; }

    /// <summary>Opens the image in a file; null if the file is not an image of a supported format.</summary>
    /// <param name="file">The open file. Only its descriptor is used, so a file that replaces it is not read.</param>
    /// <param name="failOn">The kind of damage that is an error.</param>
    /// <exception cref="VipsException">The header is damaged.</exception>
    public static OpenedImage? TryOpen(SafeFileHandle file, Enums.FailOn failOn)
    {
        Libvips.EnsureLoaded();
        Source source = OpenSource(file);
        try
        {
            if (ImageFormat.Recognize(source) is not { } mediaType)
            {
                source.Dispose();
                return null;
            }

            Image image = Image.NewFromSource(source, access: Enums.Access.Sequential, failOn: failOn);
            return new OpenedImage(source, image, ImageFormat.Refine(mediaType, image));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Decodes an upright thumbnail. <see cref="Image"/> cannot be read afterwards.</summary>
    public Image ReadThumbnail(int maxWidth, int maxHeight) =>
        Image.ThumbnailSource(_source, maxWidth, height: maxHeight, size: Enums.Size.Down, failOn: Enums.FailOn.Error);

    public void Dispose()
    {
        Libvips.Close(Image);
        Image.Dispose();
        _source.Dispose();
    }

    private static Source OpenSource(SafeFileHandle file)
    {
        bool held = false;
        try
        {
            // The source duplicates the descriptor.
            file.DangerousAddRef(ref held);
            return Source.NewFromDescriptor((int)file.DangerousGetHandle());
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }
    }
}
