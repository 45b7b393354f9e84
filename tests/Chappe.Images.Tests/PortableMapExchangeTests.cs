using System.Text;
using Chappe.Exchange;
using Chappe.Exchange.Tests;

namespace Chappe.Images.Tests;

/// <summary>The pixels of PGM, PPM and PFM files, as another process receives them.</summary>
public sealed class PortableMapExchangeTests : ExchangeTest
{
    [Theory]
    [InlineData("P5 5 4 255\n", 20, "5\t4\t1", "UInt8\tGrey\t4,5,1\t5,1,1")]
    [InlineData("P5 5 4 65535\n", 40, "5\t4\t1", "UInt16\tGrey\t4,5,1\t10,2,2")]
    [InlineData("P6 5 4 1023\n", 120, "5\t4\t3", "UInt16\tRgb\t4,5,3\t30,6,2")]
    [InlineData("Pf 5 4 -1\n", 80, "5\t4\t1", "Float32\tGrey\t4,5,1\t20,4,4")]
    [InlineData("PF 5 4 1\n", 240, "5\t4\t3", "Float32\tRgb\t4,5,3\t60,12,4")]
    public async Task The_description_has_the_type_of_the_samples(string header, int length, string dimensions, string description)
    {
        Directory.Write("image", [.. Encoding.ASCII.GetBytes(header), .. new byte[length]]);
        ChappePeer requester = await StartRequesterAsync();
        requester.Tell("options", "Pixels", "60000");
        requester.Tell("describe", "image");

        await ServeAsync(new ImageDirectory(Directory.Path));

        Assert.StartsWith($"image\t{length}\t{dimensions}\tPixels\t\tExtended\t", await requester.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal(description, await requester.ReadLineAsync());
    }

    [Theory]
    [InlineData("P6 5 4 255\n", 59, "Unreadable", "'image' ends before the last of its 5 × 4 pixels.")]
    [InlineData("P6 100 100 255\n", 3, "Unreadable", "'image' ends before the last of its 100 × 100 pixels.")]
    [InlineData("P6 101 100 255\n", 30_300, "TooLarge", "'image' has 101 × 100 pixels, more than the limit of 10000. Request the file.")]
    [InlineData("PF 2147483647 2147483647 -1\n", 12, "TooLarge", "'image' has 2147483647 × 2147483647 pixels, more than the limit of 10000. Request the file.")]
    [InlineData("BM", 100, "Unsupported", "'image' is not an image in a supported format (JPEG, PNG, WebP, GIF, TIFF, AVIF, PGM, PPM or PFM). Request the file, or convert it.")]
    [InlineData("P3 1 1 255\n", 10, "Unsupported", "'image' is not an image in a supported format (JPEG, PNG, WebP, GIF, TIFF, AVIF, PGM, PPM or PFM). Request the file, or convert it.")]
    public async Task Pixels_that_cannot_be_sent_are_refused_with_the_reason(string header, int length, string status, string message)
    {
        Directory.Write("image", [.. Encoding.ASCII.GetBytes(header), .. new byte[length]]);
        ChappePeer requester = await StartRequesterAsync();
        requester.Tell("options", "Pixels", "60000");
        requester.Tell("ask", "image");

        await ServeAsync(new ImageDirectory(Directory.Path, maxPixels: 10_000));

        Assert.Equal($"!\tRequestFailedException\t{status}\t{message}", await requester.ReadLineAsync());
    }

    private async Task ServeAsync(ImageDirectory images)
    {
        using (images)
        {
            using var patience = new CancellationTokenSource(ChildProcess.Patience);
            await using Responder responder = await Responder.OpenAsync(Channel, cancellationToken: patience.Token);
            await responder.RunAsync(images, 1, cancellationToken: patience.Token);
        }
    }
}
