using Chappe.Images;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Chappe.Tool;

/// <summary>A small picture drawn with half blocks: each character shows two pixels, one above the other.</summary>
internal sealed class TerminalPicture(int width, int height, byte[] rgb) : Renderable
{
    private const string UpperHalfBlock = "▀";
    private const int MaxColumns = 60;
    private const int MaxRows = 20;

    /// <summary>Reads an image file; null if it cannot be decoded.</summary>
    public static TerminalPicture? FromFile(string path, int columns)
    {
        Libvips.ConfigureOwnProcess();
        return ImageFile.TryReadThumbnail(path, Math.Min(columns, MaxColumns), 2 * MaxRows, out int width, out int height, out byte[]? rgb)
            ? new TerminalPicture(width, height, rgb)
            : null;
    }

    protected override Measurement Measure(RenderOptions options, int maxWidth) => new(width, width);

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        for (int y = 0; y < height; y += 2)
        {
            for (int x = 0; x < width; x++)
            {
                Color? below = y + 1 < height ? PixelAt(x, y + 1) : null;
                yield return new Segment(UpperHalfBlock, new Style(PixelAt(x, y), below));
            }

            yield return Segment.LineBreak;
        }
    }

    private Color PixelAt(int x, int y)
    {
        int offset = ((y * width) + x) * 3;
        return new Color(rgb[offset], rgb[offset + 1], rgb[offset + 2]);
    }
}
