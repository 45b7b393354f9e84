using NetVips;

namespace Chappe.Images;

/// <summary>The formats that are read, told by their first bytes, never by a file's name.</summary>
internal static class ImageFormat
{
    /// <summary>The media type of the image in a source; null if it holds none, or one of a format that is not read.</summary>
    /// <remarks>
    /// A loader that is not named here never runs. That leaves out those that libvips itself calls untrusted (SVG, its own raw formats,
    /// what ImageMagick reads), without blocking them for the rest of the process, and those that take a text with two numbers for a matrix.
    /// </remarks>
    public static string? Recognize(Source source) => Image.FindLoadSource(source) switch
    {
        "VipsForeignLoadJpegSource" or "VipsForeignLoadUhdrSource" => "image/jpeg",
        "VipsForeignLoadPngSource" => "image/png",
        "VipsForeignLoadWebpSource" => "image/webp",
        "VipsForeignLoadNsgifSource" => "image/gif",
        "VipsForeignLoadTiffSource" => "image/tiff",
        "VipsForeignLoadHeifSource" => "image/heif",
        _ => null,
    };

    /// <summary>Tells AVIF from the rest of its family, which only the header can.</summary>
    public static string Refine(string mediaType, Image header) =>
        mediaType == "image/heif" && header.Contains("heif-compression") && header.Get("heif-compression") is "av1" ? "image/avif" : mediaType;
}
