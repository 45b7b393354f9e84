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

    /// <summary>The image as the file stores it, to be read once from top to bottom.</summary>
    public Image Image { get; }

    public string MediaType { get; }

    /// <summary>Opens the image in a file; null if there is none.</summary>
    /// <param name="file">Only its descriptor is used: what was opened is what is read, whatever its name has become.</param>
    /// <param name="failOn">What damage is an error.</param>
    /// <exception cref="VipsException">It begins as an image, but its header is damaged.</exception>
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

    /// <summary>Decodes only as much as a picture of that size needs, turned upright. <see cref="Image"/> is of no use afterwards.</summary>
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
            // The source works on a duplicate of the descriptor.
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
