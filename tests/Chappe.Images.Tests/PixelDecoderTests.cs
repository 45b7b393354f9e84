using Chappe.Exchange;
using NetVips;

namespace Chappe.Images.Tests;

public sealed class PixelDecoderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<int, string, int, bool> TurnedImages
    {
        get
        {
            var images = new TheoryData<int, string, int, bool>();
            for (int orientation = 1; orientation <= 8; orientation++)
            {
                images.Add(orientation, ".jpg", 1, false);
                images.Add(orientation, ".jpg", 3, false);
                images.Add(orientation, ".tif", 2, false);
                images.Add(orientation, ".tif", 4, false);
                images.Add(orientation, ".tif", 3, true);
                images.Add(orientation, ".tif", 4, true);
            }

            return images;
        }
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(".png")]
    [InlineData(".tif")]
    [InlineData(".jpg")]
    public void Grey_stays_one_sample_a_pixel(string extension)
    {
        using Image image = Drawing.Grey();
        Save(image, extension);

        Decoded decoded = Decoded.Read(_directory["image" + extension]);

        Assert.Equal(1, decoded.Channels);
        decoded.ShouldBe(Reference(extension));
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".tif")]
    [InlineData(".jpg")]
    [InlineData(".webp")]
    [InlineData(".avif")]
    [InlineData(".gif")]
    public void Colour_gives_the_pixels_that_libvips_decodes(string extension)
    {
        using Image image = Drawing.Rgb();
        Save(image, extension);

        Decoded decoded = Decoded.Read(_directory["image" + extension]);

        Assert.Equal(3, decoded.Channels);
        decoded.ShouldBe(Reference(extension));
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".tif")]
    [InlineData(".webp")]
    [InlineData(".avif")]
    public void Alpha_is_kept(string extension)
    {
        using Image image = Drawing.WithAlpha(Drawing.Rgb());
        Save(image, extension);

        Decoded decoded = Decoded.Read(_directory["image" + extension]);

        Assert.Equal(4, decoded.Channels);
        decoded.ShouldBe(Reference(extension));
    }

    [Fact]
    public void Grey_with_alpha_is_two_samples_a_pixel()
    {
        using Image image = Drawing.WithAlpha(Drawing.Grey());
        Save(image, ".png");

        Decoded.Read(_directory["image.png"]).ShouldBe(image);
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".tif")]
    public void Sixteen_bits_stay_where_they_are_allowed(string extension)
    {
        using Image image = Drawing.Deep(Drawing.WithAlpha(Drawing.Rgb()));
        Save(image, extension);

        Decoded decoded = Decoded.Read(_directory["image" + extension], allow16Bits: true);

        Assert.Equal(ElementType.UInt16, decoded.ElementType);
        decoded.ShouldBe(image);
    }

    [Fact]
    public void Sixteen_bits_become_eight_for_who_knows_no_more()
    {
        using Image image = Drawing.Deep(Drawing.WithAlpha(Drawing.Rgb()));
        Save(image, ".png");

        Decoded decoded = Decoded.Read(_directory["image.png"], allow16Bits: false);

        decoded.ShouldBe(UpperHalves(image));
    }

    [Fact]
    public void Sixteen_bit_grey_stays_grey()
    {
        using Image image = Drawing.Deep(Drawing.Grey());
        Save(image, ".png");

        Decoded.Read(_directory["image.png"], allow16Bits: true).ShouldBe(image);
        Decoded.Read(_directory["image.png"], allow16Bits: false).ShouldBe(UpperHalves(image));
    }

    [Fact]
    public void A_palette_is_expanded()
    {
        using Image image = Drawing.Rgb();
        image.Pngsave(_directory["image.png"], palette: true, bitdepth: 4);

        Decoded decoded = Decoded.Read(_directory["image.png"]);

        Assert.Equal(3, decoded.Channels);
        decoded.ShouldBe(Reference(".png"));
    }

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".tif")]
    public void Cmyk_becomes_srgb(string extension)
    {
        using Image image = Drawing.Rgb();
        using Image cmyk = image.Colourspace(Enums.Interpretation.Cmyk);
        Save(cmyk, extension);

        Decoded decoded = Decoded.Read(_directory["image" + extension]);

        using Image stored = Reference(extension);
        Assert.Equal(4, stored.Bands);
        decoded.ShouldBe(stored.IccTransform("srgb", embedded: true));
    }

    [Fact]
    public void A_colour_profile_is_applied()
    {
        using Image image = Drawing.Rgb();
        using Image wide = image.IccTransform("p3", inputProfile: "srgb");
        Save(wide, ".png");

        Decoded decoded = Decoded.Read(_directory["image.png"]);

        using Image stored = Reference(".png");
        decoded.ShouldBe(stored.IccTransform("srgb", embedded: true));
        Assert.False(Decoded.BytesOf(stored).SequenceEqual(decoded.Pixels));
    }

    [Fact]
    public void A_colour_profile_that_does_not_fit_is_left_out()
    {
        using Image image = Drawing.Rgb();
        using Image wrong = image.Mutate(fields => fields.Set(GValue.BlobType, "icc-profile-data", new byte[] { 1, 2, 3, 4 }));
        wrong.WriteToFile(_directory["image.tif"]);

        Decoded.Read(_directory["image.tif"]).ShouldBe(image);
    }

    [Fact]
    public void Floating_point_light_becomes_samples()
    {
        using Image image = Drawing.Rgb();
        using Image light = image.Colourspace(Enums.Interpretation.Scrgb);
        Save(light, ".tif");

        Decoded.Read(_directory["image.tif"], allow16Bits: false).ShouldBe(image);
        Decoded.Read(_directory["image.tif"], allow16Bits: true).ShouldBe(light.Colourspace(Enums.Interpretation.Rgb16));
    }

    [Fact]
    public void Floating_point_grey_counts_from_0_to_1_and_is_cut_there()
    {
        float[] values = [-1f, 0f, 0.5f, 1f, 7f];
        using Image image = Image.NewFromMemory(values, values.Length, 1, 1, Enums.BandFormat.Float).Copy(interpretation: Enums.Interpretation.Bw);
        Save(image, ".tif");

        Assert.Equal([0, 0, 128, 255, 255], Decoded.Read(_directory["image.tif"], allow16Bits: false).Pixels);
    }

    [Fact]
    public void Of_an_animation_the_first_frame_is_decoded()
    {
        using Image frames = Drawing.Rgb(32, 60).Mutate(fields => fields.Set(GValue.GIntType, "page-height", 20));
        frames.WriteToFile(_directory["image.gif"]);

        Decoded decoded = Decoded.Read(_directory["image.gif"]);

        Assert.Equal((32, 20), (decoded.Width, decoded.Height));
    }

    [Theory]
    [MemberData(nameof(TurnedImages))]
    public void A_turned_image_is_upright(int orientation, string extension, int channels, bool deep)
    {
        // Higher than a strip and not a multiple of it; rows longer and shorter than what libvips hands out at once.
        (int width, int height) = deep ? (3001, 75) : (201, 611);
        using Image plain = channels < 3 ? Drawing.Grey(width, height) : Drawing.Rgb(width, height);
        using Image shaped = channels % 2 == 0 ? Drawing.WithAlpha(plain) : plain.Copy();
        using Image sampled = deep ? Drawing.Deep(shaped) : shaped.Copy();
        using Image turned = sampled.Mutate(fields => fields.Set(GValue.GIntType, "orientation", orientation));
        Save(turned, extension);

        Decoded decoded = Decoded.Read(_directory["image" + extension]);

        using Image stored = Reference(extension);
        decoded.ShouldBe(stored.Autorot());
        Assert.Equal(orientation >= 5 ? (height, width) : (width, height), (decoded.Width, decoded.Height));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void A_cancelled_token_stops_the_decoder(int orientation)
    {
        using Image image = Drawing.Rgb().Mutate(fields => fields.Set(GValue.GIntType, "orientation", orientation));
        Save(image, ".png");

        Assert.Throws<OperationCanceledException>(() => Decoded.ReadUntil(_directory["image.png"], allow16Bits: true, new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".jpg")]
    [InlineData(".webp")]
    [InlineData(".avif")]
    [InlineData(".gif")]
    public void A_file_that_lacks_its_end_is_an_error_and_no_grey_picture(string extension)
    {
        using Image image = Drawing.Rgb(400, 300);
        Save(image, extension);
        Truncate(_directory["image" + extension]);

        Assert.Throws<VipsException>(() => Decoded.Read(_directory["image" + extension]));
    }

    [Fact]
    public void A_turned_file_that_lacks_its_end_is_an_error_too()
    {
        using Image image = Drawing.Rgb(400, 300).Mutate(fields => fields.Set(GValue.GIntType, "orientation", 8));
        Save(image, ".jpg");
        Truncate(_directory["image.jpg"]);

        Assert.Throws<VipsException>(() => Decoded.Read(_directory["image.jpg"]));
    }

    [Fact]
    public void A_file_that_was_replaced_is_read_anew()
    {
        using Image first = Drawing.Rgb();
        using Image second = first.FlipHor();
        Save(first, ".png");
        Decoded.Read(_directory["image.png"]).ShouldBe(first);
        Save(second, ".png");

        Decoded.Read(_directory["image.png"]).ShouldBe(second);
    }

    [Fact]
    public void Decoding_keeps_no_file_open_and_allocates_nothing_of_the_size_of_the_image()
    {
        using Image image = Drawing.Rgb(2000, 1500);
        Save(image, ".png");
        AllocatedByDecoding();

        int openFiles = Directory.GetFiles("/proc/self/fd").Count(IsOurs);
        Assert.Equal(0, openFiles);
        Assert.InRange(AllocatedByDecoding(), 0, 100_000);

        bool IsOurs(string descriptor) => new FileInfo(descriptor).LinkTarget == _directory["image.png"];
    }

    private unsafe long AllocatedByDecoding()
    {
        byte[] memory = new byte[2000 * 1500 * 3];
        long before = GC.GetAllocatedBytesForCurrentThread();
        using (var file = File.OpenHandle(_directory["image.png"]))
        using (OpenedImage opened = OpenedImage.TryOpen(file, Enums.FailOn.Error)!)
        using (var decoder = new PixelDecoder(opened, allow16Bits: true))
        {
            fixed (byte* start = memory)
            {
                decoder.Decode(start, CancellationToken.None);
            }
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private void Save(Image image, string extension) => image.WriteToFile(_directory["image" + extension]);

    // Another way to the same pixels: by name, with random access, into memory of libvips' own.
    private Image Reference(string extension)
    {
        using Image stored = Image.NewFromFile(_directory["image" + extension]);
        return stored.CopyMemory();
    }

    private static Image UpperHalves(Image image)
    {
        using Image upper = image >> 8;
        return upper.Cast(Enums.BandFormat.Uchar);
    }

    private static void Truncate(string path)
    {
        using FileStream file = File.OpenWrite(path);
        file.SetLength(file.Length * 2 / 3);
    }
}
