using NetVips;

namespace Chappe.Images;

/// <summary>Converts an image of any colour space and sample type to grey or sRGB, with alpha if the image has alpha.</summary>
internal static class SampleConversion
{
    /// <summary>Converts lazily: nothing is decoded until pixels are read.</summary>
    /// <param name="image">The image. The caller keeps it.</param>
    /// <param name="allow16Bits">Whether an image with more than 8 bits per sample is converted to 16 bits.</param>
    /// <returns>A new image with one to four bands of unsigned 8 or 16 bits.</returns>
    /// <exception cref="VipsException">libvips cannot convert the image.</exception>
    public static Image Convert(Image image, bool allow16Bits)
    {
        bool deep = allow16Bits && image.Coding == Enums.Coding.None && image.Format is not (Enums.BandFormat.Uchar or Enums.BandFormat.Char);
        bool grey = IsGrey(image);

        return image.Copy()
            .Then(WithUnsignedSamples)
            .Then(source => ToColourSpace(source, grey, deep))
            .Then(source => WithoutFurtherBands(source, grey ? 2 : 4))
            .Then(source => source.Cast(deep ? Enums.BandFormat.Ushort : Enums.BandFormat.Uchar));
    }

    private static Image WithUnsignedSamples(Image image) => image.Format switch
    {
        // Linear light, and colour spaces other than grey and RGB, are converted by libvips.
        Enums.BandFormat.Float or Enums.BandFormat.Double when IsPlain(image) => ToUnsigned16(image.Linear([ushort.MaxValue], [0.5])),
        Enums.BandFormat.Uint => ToUnsigned16(image.Linear([1.0 / (1 << 16)], [0.0])),
        Enums.BandFormat.Int => ToUnsigned16(image.Linear([1.0 / (1 << 15)], [0.0])),
        Enums.BandFormat.Short or Enums.BandFormat.Ushort when IsPlain(image) => ToUnsigned16(image.Copy()),
        _ => image.Copy(),
    };

    private static bool IsGrey(Image image) =>
        image.Coding == Enums.Coding.None && (image.Bands < 3 || image.Interpretation is Enums.Interpretation.Bw or Enums.Interpretation.Grey16);

    private static bool IsPlain(Image image) => IsGrey(image) || image.Interpretation is
        Enums.Interpretation.Srgb or Enums.Interpretation.Rgb or Enums.Interpretation.Rgb16 or Enums.Interpretation.Multiband;

    private static Image ToUnsigned16(Image image) => image
        .Then(source => source.Cast(Enums.BandFormat.Ushort))
        .Then(source => source.Copy(interpretation: IsGrey(source) ? Enums.Interpretation.Grey16 : Enums.Interpretation.Rgb16));

    private static Image ToColourSpace(Image image, bool grey, bool deep)
    {
        if (image.Contains("icc-profile-data") && TryApplyProfile(image, grey, deep) is { } managed)
        {
            return managed;
        }

        if (grey && !deep && image.Interpretation == Enums.Interpretation.Grey16)
        {
            // libvips makes this conversion by way of linear light, and some results are off by one.
            return (image >> 8).Then(source => source.Copy(interpretation: Enums.Interpretation.Bw));
        }

        return image.Colourspace((grey, deep) switch
        {
            (true, true) => Enums.Interpretation.Grey16,
            (true, false) => Enums.Interpretation.Bw,
            (false, true) => Enums.Interpretation.Rgb16,
            (false, false) => Enums.Interpretation.Srgb,
        });
    }

    private static Image? TryApplyProfile(Image image, bool grey, bool deep)
    {
        try
        {
            Image managed = image.IccTransform("srgb", embedded: true, depth: deep ? 16 : 8);
            return grey ? managed.Then(OnlyFirstPrimary) : managed;
        }
        catch (VipsException)
        {
            // The profile is damaged or does not fit the image. Such images are common; other programs ignore the profile.
            return null;
        }
    }

    // After a transform of a grey image, the three bands are equal.
    private static Image OnlyFirstPrimary(Image image)
    {
        Image first = image.ExtractBand(0);
        if (image.Bands < 4)
        {
            return first;
        }

        using Image alpha = image.ExtractBand(3);
        return first.Then(source => source.Bandjoin(alpha));
    }

    private static Image WithoutFurtherBands(Image image, int most) =>
        image.Bands > most ? image.ExtractBand(0, n: most) : image.Copy();

    /// <summary>Creates the next image of a chain and disposes this one. libvips keeps what it needs of it.</summary>
    internal static Image Then(this Image image, Func<Image, Image> next)
    {
        using (image)
        {
            return next(image);
        }
    }
}
