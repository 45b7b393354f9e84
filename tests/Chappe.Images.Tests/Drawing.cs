using NetVips;

namespace Chappe.Images.Tests;

/// <summary>Images with a different value at every place, so that a pixel that goes astray is seen.</summary>
internal static class Drawing
{
    public const int Width = 67;
    public const int Height = 41;

    public static Image Grey(int width = Width, int height = Height)
    {
        using Image places = Image.Xyz(width, height);
        using Image x = places[0];
        using Image y = places[1];
        using Image sum = (x * 3) + (y * 5);
        using Image wrapped = sum % 256;
        return wrapped.Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Bw);
    }

    public static Image Rgb(int width = Width, int height = Height)
    {
        using Image red = Grey(width, height);
        using Image green = red.Invert();
        using Image blue = red.FlipHor();
        return red.Bandjoin(green, blue).Copy(interpretation: Enums.Interpretation.Srgb);
    }

    public static Image WithAlpha(Image image)
    {
        using Image alpha = image[0].FlipVer();
        return image.Bandjoin(alpha).Copy(interpretation: image.Interpretation);
    }

    /// <summary>16 bits whose lower halves matter too.</summary>
    public static Image Deep(Image image)
    {
        using Image scaled = image.Linear([257.0], [0.0]);
        using Image shifted = scaled - (image[0] * 0.5);
        return shifted.Cast(Enums.BandFormat.Ushort).Copy(interpretation: image.Bands < 3 ? Enums.Interpretation.Grey16 : Enums.Interpretation.Rgb16);
    }
}
