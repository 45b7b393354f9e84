using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Chappe.Exchange;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Images.Tests;

public sealed class PortableMapTests : IDisposable
{
    private static readonly string[] MagicNumbers = ["P5", "P6", "Pf", "PF"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("P5 3 2 255\n", 3, 2, 1, "image/x-portable-graymap")]
    [InlineData("P6\n# a comment\n3 # another\n2\n255\n", 3, 2, 3, "image/x-portable-pixmap")]
    [InlineData("P5\t3\r\n2\v65535\f", 3, 2, 1, "image/x-portable-graymap")]
    [InlineData("Pf\n3 2\n-1.0\n", 3, 2, 1, "image/x-portable-floatmap")]
    [InlineData("PF\n3 2\n1\n", 3, 2, 3, "image/x-portable-floatmap")]
    public void The_header_gives_dimensions_and_media_type(string header, int width, int height, int channels, string mediaType)
    {
        Write(header, new byte[100]);

        using SafeFileHandle file = Open();
        Assert.Equal(new ImageInformation(width, height, channels, mediaType), ImageInformation.Read(file));
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("P5")]
    [InlineData("P5 3 2 255")]
    [InlineData("P2 3 2 255\n")]
    [InlineData("P4 3 2\n")]
    [InlineData("P7\nWIDTH 3\n")]
    [InlineData("P5 0 2 255\n")]
    [InlineData("P5 3 -2 255\n")]
    [InlineData("P5 3 2 0\n")]
    [InlineData("P5 3 2 65536\n")]
    [InlineData("P5 3x 2 255\n")]
    [InlineData("P5 99999999999999999999 2 255\n")]
    [InlineData("P5 4294967297 2 255\n")]
    [InlineData("Pf 3 2 0\n")]
    [InlineData("Pf 3 2 NaN\n")]
    [InlineData("PF 3 2 Infinity\n")]
    [InlineData("P5 # a comment without an end")]
    public void A_file_with_another_header_is_not_an_image(string header)
    {
        Write(header, []);

        using SafeFileHandle file = Open();
        Assert.Null(PortableMap.TryOpen(file));
        Assert.Equal(default, ImageInformation.Read(file));
    }

    [Fact]
    public void A_comment_that_fills_the_longest_header_is_not_an_image()
    {
        Write("P5 #" + new string('#', 10_000), "\n3 2 255\n"u8.ToArray());

        using SafeFileHandle file = Open();
        Assert.Null(PortableMap.TryOpen(file));
    }

    [Theory]
    [InlineData("P6 3 2 255\n", 18)]
    [InlineData("P5 3 2 65535\n", 12)]
    [InlineData("PF 3 2 -1\n", 72)]
    public void A_file_is_complete_with_its_last_byte_only(string header, int length)
    {
        Write(header, new byte[length]);
        using (SafeFileHandle file = Open())
        {
            Assert.True(PortableMap.TryOpen(file)!.IsComplete);
        }

        Write(header, new byte[length - 1]);
        using (SafeFileHandle file = Open())
        {
            Assert.False(PortableMap.TryOpen(file)!.IsComplete);
            Assert.Throws<EndOfStreamException>(() => Decode(deep: true));
        }
    }

    [Fact]
    public void The_largest_dimensions_of_a_header_do_not_overflow()
    {
        Write($"PF {int.MaxValue} {int.MaxValue} -1\n", new byte[12]);

        using SafeFileHandle file = Open();
        Assert.False(PortableMap.TryOpen(file)!.IsComplete);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Eight_bits_are_the_bytes_of_the_file(bool deep)
    {
        byte[] samples = [.. Enumerable.Range(0, 3 * 2 * 3).Select(number => (byte)(number * 13))];
        Write("P6 3 2 255\n", samples);

        (ElementType type, byte[] pixels) = Decode(deep);

        Assert.Equal(ElementType.UInt8, type);
        Assert.Equal(samples, pixels);
    }

    [Fact]
    public void An_image_that_is_longer_than_a_chunk_is_decoded_whole()
    {
        byte[] samples = new byte[1000 * 701];
        new Random(1).NextBytes(samples);
        Write("P5 1000 701 255\n", samples);

        Assert.Equal(samples, Decode(deep: true).Pixels);
    }

    [Fact]
    public void Sixteen_bits_are_big_endian_in_the_file()
    {
        Write("P5 3 1 65535\n", [0x12, 0x34, 0x00, 0x01, 0xFF, 0xFF]);

        (ElementType type, byte[] pixels) = Decode(deep: true);

        Assert.Equal(ElementType.UInt16, type);
        Assert.Equal(new ushort[] { 0x1234, 1, 0xFFFF }, MemoryMarshal.Cast<byte, ushort>(pixels));
        Assert.Equal([0x12, 0, 0xFF], Decode(deep: false).Pixels);
    }

    [Fact]
    public void White_is_the_largest_value_whatever_the_file_counts_to()
    {
        Write("P5 4 1 15\n", [0, 5, 15, 99]);
        Assert.Equal([0, 85, 255, 255], Decode(deep: true).Pixels);

        Write("P5 3 1 1023\n", [0, 0, 0x01, 0xFF, 0x03, 0xFF]);
        Assert.Equal(new ushort[] { 0, 32735, 65535 }, MemoryMarshal.Cast<byte, ushort>(Decode(deep: true).Pixels));
        Assert.Equal([0, 127, 255], Decode(deep: false).Pixels);
    }

    [Theory]
    [InlineData("-1.0")]
    [InlineData("1.0")]
    public void Floating_point_samples_are_unchanged_and_the_top_row_is_first(string scale)
    {
        float[] stored = [-2.5f, 0.5f, 1f, 7f, float.PositiveInfinity, 1e-20f];
        byte[] samples = new byte[stored.Length * sizeof(float)];
        for (int i = 0; i < stored.Length; i++)
        {
            Span<byte> destination = samples.AsSpan(i * sizeof(float));
            if (scale[0] == '-')
            {
                BinaryPrimitives.WriteSingleLittleEndian(destination, stored[i]);
            }
            else
            {
                BinaryPrimitives.WriteSingleBigEndian(destination, stored[i]);
            }
        }

        Write($"Pf\n2 3\n{scale}\n", samples);

        (ElementType type, byte[] pixels) = Decode(deep: true);

        Assert.Equal(ElementType.Float32, type);
        Assert.Equal([float.PositiveInfinity, 1e-20f, 1f, 7f, -2.5f, 0.5f], MemoryMarshal.Cast<byte, float>(pixels));
        Assert.Equal([255, 0, 255, 255, 0, 128], Decode(deep: false).Pixels);
    }

    [Fact]
    public void Noise_behind_a_magic_number_is_never_more_than_not_an_image()
    {
        var random = new Random(11);
        for (int i = 0; i < 2000; i++)
        {
            byte[] noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            for (int k = 0; i % 2 == 0 && k < noise.Length; k++)
            {
                noise[k] = (byte)" \n#0123456789-.eEP"[noise[k] % 18];
            }

            Write(MagicNumbers[i % 4] + " ", noise);
            using SafeFileHandle file = Open();
            if (PortableMap.TryOpen(file) is { IsComplete: true } map)
            {
                Assert.InRange((long)map.Width * map.Height * map.Channels, 1, noise.Length);
                Decode(deep: i % 3 == 0);
            }
        }
    }

    [Fact]
    public void A_thumbnail_is_made_of_it()
    {
        Write("P6 100 50 255\n", [.. Enumerable.Repeat((byte)200, 100 * 50 * 3)]);

        Assert.True(ImageFile.TryReadThumbnail(_directory["image"], 20, 20, out int width, out int height, out byte[]? rgb));

        Assert.Equal((20, 10), (width, height));
        Assert.All(rgb, sample => Assert.InRange(sample, 199, 201));
    }

    private void Write(string header, byte[] samples) => File.WriteAllBytes(_directory["image"], [.. Encoding.Latin1.GetBytes(header), .. samples]);

    private SafeFileHandle Open() => File.OpenHandle(_directory["image"]);

    /// <summary>Decodes the file into memory with guards on both sides.</summary>
    private unsafe (ElementType Type, byte[] Pixels) Decode(bool deep)
    {
        const int Guard = 64;
        using SafeFileHandle file = Open();
        PortableMap map = PortableMap.TryOpen(file)!;
        ElementType type = map.ElementTypeOf(deep);
        byte[] memory = new byte[(map.Width * map.Height * map.Channels * PayloadDescription.SizeOf(type)) + (2 * Guard)];
        Array.Fill(memory, (byte)0xA5);
        fixed (byte* start = memory)
        {
            map.Decode(start + Guard, deep, TestContext.Current.CancellationToken);
        }

        Assert.All(memory[..Guard], value => Assert.Equal(0xA5, value));
        Assert.All(memory[^Guard..], value => Assert.Equal(0xA5, value));
        return (type, memory[Guard..^Guard]);
    }
}
