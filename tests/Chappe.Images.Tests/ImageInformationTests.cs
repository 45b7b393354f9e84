using Chappe.Exchange;
using Microsoft.Win32.SafeHandles;
using NetVips;

namespace Chappe.Images.Tests;

public sealed class ImageInformationTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(".jpg", "image/jpeg")]
    [InlineData(".png", "image/png")]
    [InlineData(".webp", "image/webp")]
    [InlineData(".gif", "image/gif")]
    [InlineData(".tif", "image/tiff")]
    [InlineData(".avif", "image/avif")]
    public void The_header_gives_dimensions_and_media_type_whatever_the_name(string extension, string mediaType)
    {
        using Image image = Drawing.Rgb(300, 200);
        image.WriteToFile(_directory["image" + extension]);
        File.Move(_directory["image" + extension], _directory["image.bin"]);

        Assert.Equal(new ImageInformation(300, 200, 3, mediaType), Read("image.bin"));
    }

    [Theory]
    [InlineData(".png", 4)]
    [InlineData(".webp", 4)]
    [InlineData(".avif", 4)]
    [InlineData(".tif", 4)]
    public void Alpha_is_a_channel(string extension, int channels)
    {
        using Image image = Drawing.WithAlpha(Drawing.Rgb());
        image.WriteToFile(_directory["image" + extension]);

        Assert.Equal(channels, Read("image" + extension).Channels);
    }

    [Fact]
    public void A_turned_image_is_described_as_it_is_stored()
    {
        using Image image = Drawing.Rgb(300, 200).Mutate(fields => fields.Set(GValue.GIntType, "orientation", 6));
        image.WriteToFile(_directory["image.jpg"]);

        Assert.Equal(new ImageInformation(300, 200, 3, "image/jpeg"), Read("image.jpg"));
    }

    [Fact]
    public void Cmyk_has_four_channels()
    {
        using Image image = Drawing.Rgb().Colourspace(Enums.Interpretation.Cmyk);
        image.WriteToFile(_directory["image.jpg"]);

        Assert.Equal(4, Read("image.jpg").Channels);
    }

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".png")]
    public void A_file_that_lacks_its_end_still_has_its_dimensions(string extension)
    {
        using Image image = Drawing.Rgb(300, 200);
        string path = _directory["image" + extension];
        image.WriteToFile(path);
        using (FileStream file = File.OpenWrite(path))
        {
            file.SetLength(file.Length * 2 / 3);
        }

        ImageInformation information = Read("image" + extension);

        Assert.Equal((300, 200, 3), (information.Width, information.Height, information.Channels));
    }

    [Theory]
    [InlineData("")]
    [InlineData("words\n")]
    [InlineData("2 2\n1 2\n3 4\n")]
    [InlineData("1,2\n3,4\n")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='5' height='5'/>")]
    [InlineData("GIF89a")]
    [InlineData("\u0089PNG\r\n")]
    public void What_is_no_readable_image_has_no_dimensions(string content)
    {
        File.WriteAllBytes(_directory["file.png"], System.Text.Encoding.Latin1.GetBytes(content));

        Assert.Equal((0, 0, 0), (Read("file.png").Width, Read("file.png").Height, Read("file.png").Channels));
    }

    [Fact]
    public void Noise_behind_every_known_beginning_is_never_more_than_no_image()
    {
        var random = new Random(7);
        byte[][] beginnings = [[0xFF, 0xD8, 0xFF], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "RIFF0000WEBPVP8 "u8.ToArray(), "GIF89a"u8.ToArray(), [0x49, 0x49, 42, 0, 8, 0, 0, 0], [0, 0, 0, 24, .. "ftypavif"u8]];
        foreach (byte[] beginning in beginnings)
        {
            byte[] noise = new byte[5000];
            random.NextBytes(noise);
            beginning.CopyTo(noise, 0);
            File.WriteAllBytes(_directory["noise"], noise);

            ImageInformation information = Read("noise");

            Assert.InRange(information.Channels, 0, 5);
        }
    }

    [Fact]
    public void An_image_of_too_many_pixels_is_refused_by_its_header()
    {
        using Image image = Drawing.Grey(100, 100);
        image.WriteToFile(_directory["image.png"]);
        using SafeFileHandle file = File.OpenHandle(_directory["image.png"]);
        using OpenedImage opened = OpenedImage.TryOpen(file, Enums.FailOn.Error)!;

        PixelLimit.Check(opened.Image.Width, opened.Image.Height, 10_000, "image.png");
        var refused = Assert.Throws<RequestFailedException>(() => PixelLimit.Check(opened.Image.Width, opened.Image.Height, 9_999, "image.png"));

        Assert.Equal(ResponseStatus.TooLarge, refused.Status);
        Assert.Contains("'image.png' has 100 × 100 pixels", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_threads_may_read_at_once()
    {
        using Image image = Drawing.Rgb();
        image.WriteToFile(_directory["image.webp"]);

        ImageInformation[] all = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => Read("image.webp"))));

        Assert.All(all, information => Assert.Equal(new ImageInformation(Drawing.Width, Drawing.Height, 3, "image/webp"), information));
    }

    private ImageInformation Read(string name)
    {
        using SafeFileHandle file = File.OpenHandle(_directory[name]);
        return ImageInformation.Read(file);
    }
}
