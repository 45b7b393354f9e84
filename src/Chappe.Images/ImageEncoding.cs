using NetVips;

namespace Chappe.Images;

/// <summary>Encodes images in one format, losslessly if the format allows.</summary>
internal sealed class ImageEncoding
{
    private static readonly ImageEncoding Png = new((image, target) => image.PngsaveTarget(target));
    private static readonly ImageEncoding Jpeg = new((image, target) => image.JpegsaveTarget(target, q: 95, subsampleMode: Enums.ForeignSubsample.Off));
    private static readonly ImageEncoding Webp = new((image, target) => image.WebpsaveTarget(target, lossless: true, exact: true));
    private static readonly ImageEncoding Gif = new((image, target) => image.GifsaveTarget(target));

    private static readonly ImageEncoding Tiff = new((image, target) => image.TiffsaveTarget(
        target,
        compression: Enums.ForeignTiffCompression.Deflate,
        predictor: Enums.ForeignTiffPredictor.Horizontal,
        bigtiff: (long)image.Width * image.Height * image.Bands > int.MaxValue));

    private static readonly ImageEncoding Avif = new((image, target) => image.HeifsaveTarget(
        target,
        compression: Enums.ForeignHeifCompression.Av1,
        bitdepth: image.Format == Enums.BandFormat.Ushort ? 12 : 8,
        lossless: true,
        effort: 2));

    private readonly Action<Image, Target> _write;

    private ImageEncoding(Action<Image, Target> write) => _write = write;

    /// <summary>Returns the encoding for a file name extension with its dot; null if the format is not supported.</summary>
    public static ImageEncoding? Find(string extension) => extension.ToUpperInvariant() switch
    {
        ".PNG" => Png,
        ".JPG" or ".JPEG" or ".JPE" or ".JFIF" => Jpeg,
        ".WEBP" => Webp,
        ".GIF" => Gif,
        ".TIF" or ".TIFF" => Tiff,
        ".AVIF" => Avif,
        _ => null,
    };

    public void Write(Image image, Target target) => _write(image, target);
}
