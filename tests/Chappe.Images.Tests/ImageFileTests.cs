using Chappe.Exchange;
using NetVips;

namespace Chappe.Images.Tests;

public sealed class ImageFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(".png", 1)]
    [InlineData(".png", 2)]
    [InlineData(".png", 3)]
    [InlineData(".png", 4)]
    [InlineData(".PNG", 4)]
    [InlineData(".tif", 1)]
    [InlineData(".tiff", 4)]
    [InlineData(".webp", 3)]
    [InlineData(".webp", 4)]
    [InlineData(".avif", 3)]
    [InlineData(".avif", 4)]
    public void Eight_bits_come_back_as_they_were_written(string extension, int channels)
    {
        using Image image = WithChannels(channels);

        Write(image, ElementType.UInt8, extension);

        Decoded.Read(_directory["partial"]).ShouldBe(image);
    }

    [Theory]
    [InlineData(".png", 1)]
    [InlineData(".png", 4)]
    [InlineData(".tif", 3)]
    [InlineData(".tif", 2)]
    public void Sixteen_bits_come_back_as_they_were_written(string extension, int channels)
    {
        using Image image = Drawing.Deep(WithChannels(channels));

        Write(image, ElementType.UInt16, extension);

        Decoded.Read(_directory["partial"]).ShouldBe(image);
    }

    [Theory]
    [InlineData(".jpg", 1, 1)]
    [InlineData(".jpg", 3, 3)]
    [InlineData(".jpeg", 4, 3)]
    [InlineData(".gif", 3, 3)]
    public void What_a_format_has_no_place_for_is_left_out(string extension, int channels, int expectedChannels)
    {
        using Image image = WithChannels(channels);

        Write(image, ElementType.None, extension);

        Decoded decoded = Decoded.Read(_directory["partial"]);
        Assert.Equal((image.Width, image.Height, expectedChannels), (decoded.Width, decoded.Height, decoded.Channels));
    }

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".webp")]
    [InlineData(".avif")]
    public void Sixteen_bits_are_written_with_fewer_where_the_format_has_fewer(string extension)
    {
        using Image image = Drawing.Deep(Drawing.Rgb());

        Write(image, ElementType.UInt16, extension);

        Assert.Equal((Drawing.Width, Drawing.Height), (Decoded.Read(_directory["partial"]).Width, Decoded.Read(_directory["partial"]).Height));
    }

    [Theory]
    [InlineData(".png", true)]
    [InlineData(".JPG", true)]
    [InlineData(".avif", true)]
    [InlineData(".txt", false)]
    [InlineData(".svg", false)]
    [InlineData("", false)]
    [InlineData("png", false)]
    public void It_says_what_it_can_write(string extension, bool expected) => Assert.Equal(expected, ImageFile.CanWrite(extension));

    [Fact]
    public void Numbers_that_do_not_fit_the_length_are_refused()
    {
        using Image image = Drawing.Rgb();

        Assert.Throws<ArgumentException>(() => Write(image, ElementType.UInt16, ".png"));
        Assert.Throws<ArgumentException>(() => Write(image, ElementType.Float32, ".png"));
        Assert.Throws<ArgumentException>(() => Write(image, ElementType.UInt8, ".doc"));
        Assert.False(File.Exists(_directory["partial"]));
    }

    [Fact]
    public void A_file_that_cannot_be_made_is_an_IOException()
    {
        using Image image = Drawing.Rgb();

        Assert.Throws<IOException>(() => Write(image, ElementType.UInt8, ".png", Path.Combine(_directory.Root, "missing", "partial")));
    }

    [Theory]
    [InlineData(100, 100, 60, 20, 20, 20)]
    [InlineData(300, 200, 60, 60, 60, 40)]
    [InlineData(200, 300, 60, 60, 40, 60)]
    [InlineData(10, 10, 60, 60, 10, 10)]
    public void A_thumbnail_fits_and_is_never_larger_than_the_image(int width, int height, int maxWidth, int maxHeight, int expectedWidth, int expectedHeight)
    {
        using Image image = Drawing.Rgb(width, height);
        image.WriteToFile(_directory["[image].png"]);

        Assert.True(ImageFile.TryReadThumbnail(_directory["[image].png"], maxWidth, maxHeight, out int actualWidth, out int actualHeight, out byte[]? rgb));

        Assert.Equal((expectedWidth, expectedHeight), (actualWidth, actualHeight));
        Assert.Equal(expectedWidth * expectedHeight * 3, rgb.Length);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(1, true)]
    [InlineData(4, true)]
    public void A_thumbnail_always_has_three_bytes_a_pixel(int channels, bool deep)
    {
        using Image image = deep ? Drawing.Deep(WithChannels(channels)) : WithChannels(channels);
        image.WriteToFile(_directory["image.png"]);

        Assert.True(ImageFile.TryReadThumbnail(_directory["image.png"], 40, 40, out int width, out int height, out byte[]? rgb));

        Assert.Equal(width * height * 3, rgb.Length);
    }

    [Fact]
    public void A_thumbnail_of_nothing_but_transparency_is_dark()
    {
        using Image image = (Drawing.Rgb() * 0).Bandjoin(0).Linear([1.0], [0.0]).Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        image.WriteToFile(_directory["image.png"]);

        Assert.True(ImageFile.TryReadThumbnail(_directory["image.png"], 8, 8, out _, out _, out byte[]? rgb));

        Assert.All(rgb, value => Assert.InRange(value, 10, 40));
    }

    [Fact]
    public void A_thumbnail_is_upright()
    {
        using Image image = Drawing.Rgb(300, 200).Mutate(fields => fields.Set(GValue.GIntType, "orientation", 6));
        image.WriteToFile(_directory["image.jpg"]);

        Assert.True(ImageFile.TryReadThumbnail(_directory["image.jpg"], 60, 60, out int width, out int height, out _));

        Assert.Equal((40, 60), (width, height));
    }

    [Fact]
    public void There_is_no_thumbnail_of_what_is_no_image()
    {
        File.WriteAllText(_directory["words.txt"], "words");

        Assert.False(ImageFile.TryReadThumbnail(_directory["words.txt"], 40, 40, out _, out _, out byte[]? rgb));
        Assert.Null(rgb);
        Assert.False(ImageFile.TryReadThumbnail(_directory["missing.png"], 40, 40, out _, out _, out _));
        Assert.False(ImageFile.TryReadThumbnail(_directory.Root, 40, 40, out _, out _, out _));
    }

    private static Image WithChannels(int channels)
    {
        Image plain = channels < 3 ? Drawing.Grey() : Drawing.Rgb();
        return channels % 2 == 0 ? Drawing.WithAlpha(plain) : plain;
    }

    private unsafe void Write(Image image, ElementType elementType, string extension, string? path = null)
    {
        ReadOnlySpan<byte> pixels = Decoded.BytesOf(image);
        fixed (byte* start = pixels)
        {
            ImageFile.WritePixels(start, pixels.Length, image.Width, image.Height, image.Bands, elementType, path ?? _directory["partial"], extension);
        }
    }
}
