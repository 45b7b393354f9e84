using System.Text;
using Chappe.Exchange.Peer;

namespace Chappe.Exchange.Tests;

/// <summary>What a payload is: a file, pixels, a list, bytes, with or without a description.</summary>
public sealed class KindTests : ExchangeTest
{
    [Fact]
    public async Task A_file_says_its_media_type_by_its_extension()
    {
        (string File, string? MediaType)[] files = [("a.jpg", "image/jpeg"), ("b.PNG", "image/png"), ("c.unknown", null), ("d", null)];
        foreach ((string file, _) in files)
        {
            Directory.Write(file, Encoding.UTF8.GetBytes(file));
        }

        Requester requester = Own();
        await StartFileResponderAsync();
        foreach ((string file, string? mediaType) in files)
        {
            using Response response = requester.Request(file, new RequestOptions { Kind = RequestKind.File });
            Assert.Equal(mediaType, response.MediaType);
            Assert.Equal(PayloadKind.File, response.Kind);
            Assert.Equal(ExchangeLevel.Extended, response.Level);
            Assert.Equal(new ResponseHeader(Encoding.UTF8.GetByteCount(file)), response.Header);
            Assert.Equal(0, response.Description.Rank);
        }
    }

    [Fact]
    public async Task A_directory_lists_its_visible_files_in_order_whatever_their_names()
    {
        string[] names = ["b.txt", "a.txt", "two\nlines.txt", "日本.png", "Z", " ", ".hidden", "folder/inside.txt"];
        foreach (string name in names)
        {
            Directory.Write(name, [1]);
        }

        Assert.Equal(0, Machine.MakeFifo(Directory["pipe"], Convert.ToUInt32("600", 8)));
        Requester requester = Own();
        await StartFileResponderAsync();
        string[] expected = [" ", "Z", "a.txt", "b.txt", "two\nlines.txt", "日本.png"];
        Assert.Equal(expected, requester.List());
        Assert.Equal(expected, await requester.ListAsync());
    }

    [Fact]
    public async Task An_empty_directory_has_an_empty_list()
    {
        Requester requester = Own();
        await StartFileResponderAsync();
        Assert.Empty(requester.List());
    }

    [Fact]
    public async Task A_list_waits_for_the_responder_to_come()
    {
        Directory.Write("a.txt", [1]);
        Requester requester = Own();
        ValueTask<IReadOnlyList<string>> list = requester.ListAsync();
        await StartFileResponderAsync();
        Assert.Equal(["a.txt"], await list);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_list_without_a_responder_that_has_one_says_to_name_the_files(bool basicResponder)
    {
        Directory.Write("a.txt", [1]);
        Requester requester = Own(new RequesterOptions { Timeout = TimeSpan.FromSeconds(0.2) });
        if (basicResponder)
        {
            StartBasic("client", Directory.Path);
        }

        RequestFailedException failure = Assert.Throws<RequestFailedException>(() => requester.List());
        Assert.Equal(ResponseStatus.Unsupported, failure.Status);
        Assert.Contains("ask for the files by name", failure.Message, StringComparison.Ordinal);
        failure = await Assert.ThrowsAsync<RequestFailedException>(async () => await requester.ListAsync());
        Assert.Equal(ResponseStatus.Unsupported, failure.Status);

        if (basicResponder)
        {
            // It has not seen any of that.
            using Response response = requester.Request("a.txt", new RequestOptions { Timeout = ChildProcess.Patience });
            Assert.Equal((byte[])[1], response.Span);
        }
    }

    [Fact]
    public async Task Files_as_they_are_have_no_pixels()
    {
        Directory.Write("a.jpg", [1]);
        Requester requester = Own();
        await StartFileResponderAsync();
        RequestFailedException failure = Assert.Throws<RequestFailedException>(() => requester.Request("a.jpg", new RequestOptions { Kind = RequestKind.Pixels }));
        Assert.Equal(ResponseStatus.Unsupported, failure.Status);
    }

    [Fact]
    public async Task Bytes_that_a_program_makes_arrive_as_bytes()
    {
        Requester requester = Own();
        await StartResponderAsync();
        foreach (int length in (int[])[0, 1, 65536, 65537, 3_000_000, 5])
        {
            using Response response = await requester.RequestAsync($"bytes {length} 9");
            Assert.Equal(PayloadKind.Bytes, response.Kind);
            Assert.Null(response.MediaType);
            Assert.Equal(MadeUp.Bytes(length, 9), response.Span);
        }
    }

    [Fact]
    public async Task A_description_crosses_and_is_gone_with_the_next_answer()
    {
        Requester requester = Own();
        await StartResponderAsync();
        using (Response tensor = requester.Request("tensor"))
        {
            PayloadDescription description = tensor.Description;
            Assert.Equal((ElementType.Float32, PixelFormat.None, 2), (description.ElementType, description.PixelFormat, description.Rank));
            Assert.Equal([3, 5, 0, 0, 0, 0, 0, 0], (ReadOnlySpan<long>)description.Shape);
            Assert.Equal([20, 4, 0, 0, 0, 0, 0, 0], (ReadOnlySpan<long>)description.Strides);
            Assert.Equal("application/x-tensor", tensor.MediaType);
            Assert.Equal(MadeUp.Bytes(60, 35), tensor.Span);
        }

        using (Response image = requester.Request("image 7 2"))
        {
            PayloadDescription description = image.Description;
            Assert.Equal((ElementType.UInt8, PixelFormat.Rgb, 3), (description.ElementType, description.PixelFormat, description.Rank));
            Assert.Equal([2, 7, 3, 0, 0, 0, 0, 0], (ReadOnlySpan<long>)description.Shape);
            Assert.Equal([21, 3, 1, 0, 0, 0, 0, 0], (ReadOnlySpan<long>)description.Strides);
            Assert.Equal((PayloadKind.Pixels, new ResponseHeader(42, 7, 2, 3)), (image.Kind, image.Header));
            Assert.Null(image.MediaType);
        }

        using Response bytes = requester.Request("bytes 1 1");
        Assert.Equal(0, bytes.Description.Rank);
        Assert.Null(bytes.MediaType);
    }

    [Fact]
    public void Pixels_of_a_basic_responder_come_with_their_dimensions()
    {
        byte[] pixels = MadeUp.Bytes(4 * 3 * 2, seed: 1);
        Directory.Write("frame.4x3x2.raw", pixels);
        Requester requester = Own();
        StartBasic("client", Directory.Path);
        using Response response = requester.Request("frame");
        Assert.Equal((PayloadKind.Pixels, ExchangeLevel.Basic, new ResponseHeader(24, 4, 3, 2)), (response.Kind, response.Level, response.Header));
        Assert.Equal(pixels, response.Span);
        PayloadDescription description = response.Description;
        Assert.Equal((ElementType.UInt8, PixelFormat.None, 3), (description.ElementType, description.PixelFormat, description.Rank));
        Assert.Equal([3, 4, 2, 0, 0, 0, 0, 0], (ReadOnlySpan<long>)description.Shape);
        Assert.Equal([8, 2, 1, 0, 0, 0, 0, 0], (ReadOnlySpan<long>)description.Strides);
    }
}
