using NetVips;

namespace Chappe.Images;

/// <summary>The formats that libvips decodes here, recognized by their first bytes, not by the file name.</summary>
internal static class ImageFormat
{
    /// <summary>Returns the media type of the image in a source; null if the format is unknown or unsupported.</summary>
    /// <remarks>
    /// No other loader ever runs. This excludes the loaders that libvips flags as untrusted (SVG, PPM, its own raw formats, everything by ImageMagick) without
    /// blocking them for the rest of the process, and those that take a text with two numbers for a matrix.
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

    /// <summary>Distinguishes AVIF from the other HEIF formats by the header.</summary>
    public static string Refine(string mediaType, Image header) =>
        mediaType == "image/heif" && header.Contains("heif-compression") && header.Get("heif-compression") is "av1" ? "image/avif" : mediaType;
}
