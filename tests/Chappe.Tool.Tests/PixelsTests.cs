using System.Runtime.InteropServices;
using Chappe.Exchange;
using NetVips;

namespace Chappe.Tool.Tests;

/// <summary>The samples as a responder process sends them, byte by byte.</summary>
public sealed class PixelsTests : IDisposable
{
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "samples", "images");

    private readonly string _channel = Channel.NewName();

    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(Samples).Select(path => Path.GetFileName(path))];

    public void Dispose() => Channel.AssertNothingIsLeftOf(_channel);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_file_arrives_byte_for_byte_with_the_dimensions_of_its_image(string name)
    {
        using var requester = Requester.Create(_channel);
        using ChappeProcess responder = ChappeProcess.Start(Samples, "serve", "-c", _channel, "--count", "1");
        using (Response response = await requester.RequestAsync(name, new RequestOptions { Kind = RequestKind.File }, TestContext.Current.CancellationToken))
        {
            Assert.True(response.Span.SequenceEqual(File.ReadAllBytes(Path.Combine(Samples, name))));
            using var image = Image.NewFromFile(Path.Combine(Samples, name));
            Assert.Equal(new ResponseHeader(response.Length, image.Width, image.Height, image.Bands), response.Header);
            Assert.Equal(PayloadKind.File, response.Kind);
        }

        Assert.Equal(0, await responder.WaitForExitAsync());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Pixels_are_those_that_libvips_decodes(string name)
    {
        using var requester = Requester.Create(_channel);
        using ChappeProcess responder = ChappeProcess.Start(Samples, "serve", "-c", _channel, "--count", "1");
        using (Response response = await requester.RequestAsync(name, new RequestOptions { Kind = RequestKind.Pixels }, TestContext.Current.CancellationToken))
        {
            using var image = Image.NewFromFile(Path.Combine(Samples, name));
            Assert.Equal(Decode(image), response.Span.ToArray());
            Assert.Equal(new ResponseHeader(response.Length, image.Width, image.Height, image.Bands), response.Header);
            Assert.Equal(PayloadKind.Pixels, response.Kind);
            PayloadDescription description = response.Description;
            Assert.Equal(image.Format == Enums.BandFormat.Ushort ? ElementType.UInt16 : ElementType.UInt8, description.ElementType);
            Assert.Equal((image.Height, image.Width, image.Bands), (description.Shape[0], description.Shape[1], description.Shape[2]));
        }

        Assert.Equal(0, await responder.WaitForExitAsync());
    }

    private static byte[] Decode(Image image)
    {
        nint memory = image.WriteToMemory(out ulong length);
        try
        {
            byte[] bytes = new byte[length];
            Marshal.Copy(memory, bytes, 0, bytes.Length);
            return bytes;
        }
        finally
        {
            NetVips.NetVips.Free(memory);
        }
    }
}
