using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Chappe.Exchange;
using Chappe.Exchange.Peer;
using Chappe.Exchange.Tests;

namespace Chappe.Tensors.Tests;

/// <summary>A tensor that crosses from one process to another.</summary>
public sealed class ExchangedTensorTests : ExchangeTest
{
    [Theory]
    [InlineData(PeerTrust.Trusted)]
    [InlineData(PeerTrust.Untrusted)]
    public async Task A_tensor_arrives_with_its_shape_in_place(PeerTrust trust)
    {
        Requester requester = Own(new RequesterOptions { Timeout = ChildProcess.Patience, Trust = trust });
        await StartResponderAsync();
        using Response response = requester.Request("tensor");
        ReadOnlyTensorSpan<float> tensor = response.AsTensor<float>();
        Assert.Equal([3, 5], tensor.Lengths);
        Assert.Equal(MemoryMarshal.Cast<byte, float>(response.Span)[7], tensor[1, 2]);
        Assert.True(Unsafe.AreSame(in MemoryMarshal.GetReference(MemoryMarshal.Cast<byte, float>(response.Span)), in tensor.GetPinnableReference()));
    }

    [Fact]
    public async Task Rows_with_padding_are_read_without_it()
    {
        Requester requester = Own();
        await StartResponderAsync();
        using Response response = requester.Request("described UInt8 4,3,2 16,2,1");
        ReadOnlyTensorSpan<byte> tensor = response.AsTensor<byte>();
        Assert.Equal(3 * 16 + 6, response.Length);
        Assert.Equal([4, 3, 2], tensor.Lengths);
        Assert.Equal(response.Span[(3 * 16) + (2 * 2) + 1], tensor[3, 2, 1]);
    }

    [Fact]
    public async Task What_is_no_tensor_of_the_type_is_refused_and_the_channel_goes_on()
    {
        Requester requester = Own();
        await StartResponderAsync();
        foreach (string name in new[] { "bytes 8 1", "described Float64 2 8", "described BFloat16 2 2", "described Float32 2 6" })
        {
            using Response response = requester.Request(name);
            Assert.Throws<PayloadException>(() => _ = response.AsTensor<float>().Rank);
        }

        using Response number = requester.Request("described Float64  ");
        Assert.Equal([1], number.AsTensor<double>().Lengths);
    }

    [Fact]
    public void Pixels_of_a_basic_responder_are_a_tensor_of_bytes()
    {
        byte[] pixels = MadeUp.Bytes(4 * 3 * 2, seed: 1);
        Directory.Write("frame.4x3x2.raw", pixels);
        Requester requester = Own();
        StartBasic("client", Directory.Path);
        using Response response = requester.Request("frame");
        ReadOnlyTensorSpan<byte> tensor = response.AsTensor<byte>();
        Assert.Equal([3, 4, 2], tensor.Lengths);
        Assert.Equal(pixels[(1 * 8) + (2 * 2) + 1], tensor[1, 2, 1]);
    }

    [Theory]
    [InlineData(PeerTrust.Trusted)]
    [InlineData(PeerTrust.Untrusted)]
    public async Task A_tensor_is_written_in_place_and_says_what_it_is(PeerTrust trust)
    {
        ChappePeer requester = await StartRequesterAsync();
        await using Responder responder = await Responder.OpenAsync(Channel, new ResponderOptions { Trust = trust });
        requester.Tell("describe", "anything");
        byte[] bytes = Answer(await responder.ReceiveAsync());
        Assert.Equal($"anything\t12\t0\t0\t0\tBytes\tapplication/x-tensor\tExtended\t{Hash(bytes)}", await requester.ReadLineAsync());
        Assert.Equal("Int16\tNone\t2,3\t6,2", await requester.ReadLineAsync());
        return;

        static byte[] Answer(Request request)
        {
            TensorSpan<short> tensor = request.GetTensorSpan<short>(2, 3);
            short[] numbers = [1, 2, 3, 4, 5, -6];
            numbers.CopyTo(MemoryMarshal.CreateSpan(ref tensor.GetPinnableReference(), 6));
            request.CompleteTensor(tensor, mediaType: "application/x-tensor");
            return MemoryMarshal.AsBytes<short>(numbers).ToArray();
        }
    }

    [Fact]
    public async Task An_image_says_its_dimensions_and_its_pixel_format()
    {
        ChappePeer requester = await StartRequesterAsync();
        await using Responder responder = await Responder.OpenAsync(Channel);
        requester.Tell("describe", "frame");
        Answer(await responder.ReceiveAsync());
        Assert.StartsWith("frame\t24\t4\t2\t3\tPixels\t", await requester.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal("UInt8\tBgr\t2,4,3\t12,3,1", await requester.ReadLineAsync());
        return;

        static void Answer(Request request)
        {
            TensorSpan<byte> frame = request.GetTensorSpan<byte>(2, 4, 3);
            frame.Fill(7);
            request.CompleteTensor(frame, PixelFormat.Bgr);
        }
    }

    [Fact]
    public async Task Only_the_tensor_that_stands_in_the_segment_is_an_answer()
    {
        ChappePeer requester = await StartRequesterAsync();
        await using Responder responder = await Responder.OpenAsync(Channel);
        requester.Tell("describe", "anything");
        Answer(await responder.ReceiveAsync());
        await requester.ReadLineAsync();
        Assert.Equal("Float32\tNone\t2,3\t12,4", await requester.ReadLineAsync());
        return;

        static void Answer(Request request)
        {
            Assert.Throws<ArgumentException>(() => request.CompleteTensor(new TensorSpan<float>(new float[6], [2, 3])));
            Assert.Throws<ArgumentException>(() => request.CompleteTensor(request.GetTensorSpan<float>(2, 3).Slice(1.., ..)));
            Assert.Throws<ArgumentException>(() => request.CompleteTensor(request.GetTensorSpan<float>(2, 3), PixelFormat.Grey));
            Assert.Throws<ArgumentException>(() => _ = request.GetTensorSpan<float>().Rank);
            Assert.Throws<ArgumentException>(() => _ = request.GetTensorSpan<float>(new nint[9]).Rank);
            Assert.Throws<ArgumentException>(() => _ = request.GetTensorSpan<float>(3, -1).Rank);
            Assert.Throws<ArgumentException>(() => _ = request.GetTensorSpan<float>(nint.MaxValue, 2).Rank);
            Assert.Throws<NotSupportedException>(() => _ = request.GetTensorSpan<char>(1).Rank);
            Assert.Equal(ResponseStatus.TooLarge, Assert.Throws<RequestFailedException>(() => _ = request.GetTensorSpan<byte>((nint)1 << 50).Rank).Status);
            request.CompleteTensor(request.GetTensorSpan<float>(4, 3).Slice(..2, ..));
        }
    }

    private static string Hash(byte[] bytes) => MadeUp.Hash(new System.Buffers.ReadOnlySequence<byte>(bytes));
}
