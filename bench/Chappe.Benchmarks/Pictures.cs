using NetVips;

namespace Chappe.Benchmarks;

/// <summary>The JPEG of 12 megapixels: clouds with a little noise, so that it compresses as a photograph does.</summary>
internal static class Pictures
{
    public const int Width = 4000;
    public const int Height = 3000;

    public static readonly Work Work = new(WorkKind.Pixels, (long)Width * Height * 3);

    public static void Provide()
    {
        if (File.Exists(TestFiles.PathOf(Work)))
        {
            return;
        }

        // Each decoding is measured: none may come from the cache of libvips.
        Cache.Max = 0;
        using Image red = Clouds(1);
        using Image green = Clouds(2);
        using Image blue = Clouds(3);
        using Image all = red.Bandjoin(green, blue);
        all.Jpegsave(TestFiles.PathOf(Work), q: 85);
    }

    private static Image Clouds(int seed)
    {
        using Image clouds = Image.Perlin(Width, Height, cellSize: 256, seed: seed);
        using Image grey = clouds * 100 + 128;
        using Image noise = Image.Gaussnoise(Width, Height, sigma: 6, mean: 0);
        using Image sum = grey + noise;
        return sum.Cast(Enums.BandFormat.Uchar);
    }
}
