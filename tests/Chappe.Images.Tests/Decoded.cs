using System.Runtime.InteropServices;
using Chappe.Exchange;
using Microsoft.Win32.SafeHandles;
using NetVips;

namespace Chappe.Images.Tests;

/// <summary>What the decoder makes of a file, in memory with guards on both sides.</summary>
internal sealed record Decoded(int Width, int Height, int Channels, ElementType ElementType, byte[] Pixels)
{
    private const int Guard = 64;

    public static Decoded Read(string path, bool allow16Bits = true) =>
        ReadUntil(path, allow16Bits, TestContext.Current.CancellationToken);

    public static unsafe Decoded ReadUntil(string path, bool allow16Bits, CancellationToken cancellationToken)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        using OpenedImage opened = OpenedImage.TryOpen(file, Enums.FailOn.Error) ?? throw new InvalidOperationException("No image.");
        using var decoder = new PixelDecoder(opened, allow16Bits);
        byte[] memory = new byte[decoder.Length + (2 * Guard)];
        Array.Fill(memory, (byte)0xA5);
        fixed (byte* start = memory)
        {
            decoder.Decode(start + Guard, cancellationToken);
        }

        Assert.All(memory.AsSpan(0, Guard).ToArray(), value => Assert.Equal(0xA5, value));
        Assert.All(memory.AsSpan(memory.Length - Guard).ToArray(), value => Assert.Equal(0xA5, value));
        Assert.Equal(decoder.Description.Strides[0] * decoder.Height, decoder.Length);
        return new Decoded(decoder.Width, decoder.Height, decoder.Channels, decoder.ElementType, memory[Guard..^Guard]);
    }

    public void ShouldBe(Image expected)
    {
        Assert.Equal((expected.Width, expected.Height, expected.Bands), (Width, Height, Channels));
        Assert.Equal(expected.Format == Enums.BandFormat.Ushort ? ElementType.UInt16 : ElementType.UInt8, ElementType);
        Assert.True(BytesOf(expected).SequenceEqual(Pixels), "The pixels differ.");
    }

    public static ReadOnlySpan<byte> BytesOf(Image image) => image.Format == Enums.BandFormat.Ushort
        ? MemoryMarshal.AsBytes<ushort>(image.WriteToMemory<ushort>())
        : image.WriteToMemory<byte>();
}
