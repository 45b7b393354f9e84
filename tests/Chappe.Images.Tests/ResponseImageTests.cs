using System.Runtime.InteropServices;
using Chappe.Exchange;
using Chappe.Exchange.Tests;
using NetVips;

namespace Chappe.Images.Tests;

/// <summary>Pixels that another process made, read by libvips where they stand.</summary>
public sealed class ResponseImageTests : ExchangeTest
{
    [Fact]
    public async Task Pixels_of_another_process_are_an_image_in_place()
    {
        Requester requester = Own();
        await StartResponderAsync();
        using Response response = requester.Request("image 7 2");
        using Image image = response.AsImage();
        Assert.Equal((7, 2, 3, Enums.BandFormat.Uchar, Enums.Interpretation.Srgb), (image.Width, image.Height, image.Bands, image.Format, image.Interpretation));
        Assert.Equal(response.Span, image.WriteToMemory<byte>());
    }

    [Fact]
    public async Task Padding_after_each_row_but_the_last_is_left_out()
    {
        Requester requester = Own();
        await StartResponderAsync();
        using Response response = requester.Request("described UInt16 3,2,1 10,2,2");
        using Image image = response.AsImage();
        Assert.Equal(24, response.Length);
        Assert.Equal((2, 3, Enums.BandFormat.Ushort), (image.Width, image.Height, image.Format));
        byte[] rows = [.. response.Span[..4], .. response.Span[10..14], .. response.Span[20..24]];
        Assert.Equal(MemoryMarshal.Cast<byte, ushort>(rows), image.WriteToMemory<ushort>());
    }

    [Fact]
    public void Pixels_of_a_basic_responder_are_an_image()
    {
        byte[] pixels = [.. Enumerable.Range(0, 4 * 3 * 2).Select(number => (byte)number)];
        Directory.Write("frame.4x3x2.raw", pixels);
        Requester requester = Own();
        StartBasic("client", Directory.Path);
        using Response response = requester.Request("frame");
        using Image image = response.AsImage();
        Assert.Equal((4, 3, 2), (image.Width, image.Height, image.Bands));
        Assert.Equal(pixels, image.WriteToMemory<byte>());
    }

    [Theory]
    [InlineData("bytes 12 1")]
    [InlineData("tensor")]
    [InlineData("described Float16 2,2,3 12,6,2")]
    [InlineData("described UInt8 2,2,3 2,1,4")]
    [InlineData("described UInt8 2,2,3 7,3,1")]
    [InlineData("described UInt8 2,2,3 0,3,1")]
    [InlineData("described UInt8 2,0,3 0,3,1")]
    [InlineData("formatted Rgba 2,2,3")]
    public async Task What_is_no_image_is_refused(string name)
    {
        Requester requester = Own();
        await StartResponderAsync();
        using Response response = requester.Request(name);
        Assert.Throws<PayloadException>(() => response.AsImage());
    }

    [Theory]
    [InlineData("Bgr", 3, new[] { 2, 1, 0 })]
    [InlineData("Bgra", 4, new[] { 2, 1, 0, 3 })]
    [InlineData("Rgba", 4, new[] { 0, 1, 2, 3 })]
    public async Task The_bands_are_red_green_blue_whatever_the_order_of_the_samples(string format, int channels, int[] order)
    {
        Requester requester = Own();
        await StartResponderAsync();
        using Response response = requester.Request($"formatted {format} 5,4,{channels}");
        using Image image = response.AsImage();
        byte[] samples = response.Span.ToArray();
        byte[] expected = [.. Enumerable.Range(0, 20).SelectMany(pixel => order.Select(channel => samples[(pixel * channels) + channel]))];
        Assert.Equal(expected, image.WriteToMemory<byte>());
    }
}
