using Chappe.Exchange;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Images.Tests;

public sealed class SamplesTests
{
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "samples");

    [Theory]
    [InlineData("apple.jpg", 960, 720, 3, "image/jpeg", ElementType.UInt8)]
    [InlineData("ball.png", 660, 660, 4, "image/png", ElementType.UInt8)]
    [InlineData("car.webp", 1024, 640, 3, "image/webp", ElementType.UInt8)]
    [InlineData("dog.avif", 800, 800, 3, "image/avif", ElementType.UInt8)]
    [InlineData("hills.png", 800, 450, 3, "image/png", ElementType.UInt16)]
    [InlineData("moon.jpg", 800, 800, 1, "image/jpeg", ElementType.UInt8)]
    [InlineData("tower.png", 720, 900, 3, "image/png", ElementType.UInt8)]
    public void Every_sample_picture_is_what_its_name_says(string name, int width, int height, int channels, string mediaType, ElementType elementType)
    {
        string path = Path.Combine(Samples, name);
        using (SafeFileHandle file = File.OpenHandle(path))
        {
            Assert.Equal(new ImageInformation(width, height, channels, mediaType), ImageInformation.Read(file));
        }

        Decoded decoded = Decoded.Read(path);
        Assert.Equal((width, height, channels, elementType), (decoded.Width, decoded.Height, decoded.Channels, decoded.ElementType));
    }

    [Fact]
    public void The_sample_pictures_are_small() =>
        Assert.InRange(new DirectoryInfo(Samples).GetFiles().Sum(picture => picture.Length), 1, 1_000_000);
}
