using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using Chappe.Exchange;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Images;

/// <summary>A PGM, PPM or PFM image: a header of a few numbers, followed by the samples. The builds of libvips that this package brings do not read these formats.</summary>
internal sealed class PortableMap
{
    private const int MaxHeaderLength = 4096;
    private const int ChunkLength = 256 << 10;

    private readonly SafeFileHandle _file;
    private readonly long _dataOffset;

    /// <summary>The value of white; 0 in a PFM image, whose samples are floating-point numbers.</summary>
    private readonly int _maxValue;
    private readonly bool _isLittleEndian;

    private PortableMap(SafeFileHandle file, int width, int height, int channels, int maxValue, bool isLittleEndian, long dataOffset)
    {
        _file = file;
        (Width, Height, Channels) = (width, height, channels);
        _maxValue = maxValue;
        _isLittleEndian = isLittleEndian;
        _dataOffset = dataOffset;
    }

    public int Width { get; }

    public int Height { get; }

    public int Channels { get; }

    public string MediaType => IsFloat ? "image/x-portable-floatmap" : Channels == 1 ? "image/x-portable-graymap" : "image/x-portable-pixmap";

    private bool IsFloat => _maxValue == 0;

    private int StoredSampleSize => IsFloat ? sizeof(float) : _maxValue > byte.MaxValue ? sizeof(ushort) : sizeof(byte);

    /// <summary>Reads the header of a file; null if the file is not such an image. The samples may be missing all the same.</summary>
    public static PortableMap? TryOpen(SafeFileHandle file)
    {
        Span<byte> header = stackalloc byte[MaxHeaderLength];
        header = header[..RandomAccess.Read(file, header, 0)];
        (int channels, bool isFloat) = header switch
        {
            [(byte)'P', (byte)'5', ..] => (1, false),
            [(byte)'P', (byte)'6', ..] => (3, false),
            [(byte)'P', (byte)'f', ..] => (1, true),
            [(byte)'P', (byte)'F', ..] => (3, true),
            _ => default,
        };
        int position = 2;
        if (channels == 0
            || !TryReadNumber(header, ref position, out int width)
            || !TryReadNumber(header, ref position, out int height))
        {
            return null;
        }

        int maxValue = 0;
        double scale = 0;
        bool isValid = isFloat
            ? Utf8Parser.TryParse(NextToken(header, ref position), out scale, out _) && double.IsFinite(scale) && scale != 0
            : TryReadNumber(header, ref position, out maxValue) && maxValue <= ushort.MaxValue;

        // One white-space character separates the header from the samples.
        return isValid && position < header.Length
            ? new PortableMap(file, width, height, channels, maxValue, isLittleEndian: scale < 0, position + 1)
            : null;
    }

    /// <summary>Whether the file has all samples that its header promises.</summary>
    public bool IsComplete => (Int128)Width * Height * Channels * StoredSampleSize <= RandomAccess.GetLength(_file) - _dataOffset;

    /// <summary>The type of a decoded sample.</summary>
    /// <param name="deep">Whether samples may have more than 8 bits.</param>
    public ElementType ElementTypeOf(bool deep) => !deep || StoredSampleSize == sizeof(byte)
        ? ElementType.UInt8
        : IsFloat ? ElementType.Float32 : ElementType.UInt16;

    /// <summary>Decodes the image: rows packed, top first; integers scaled so that white is the largest value of their type; floating-point samples unchanged, or 0 to 1 as 8 bits.</summary>
    /// <param name="destination">Memory for width × height × channels samples of <see cref="ElementTypeOf"/>.</param>
    /// <param name="deep">Whether samples may have more than 8 bits.</param>
    /// <param name="cancellationToken">Stops decoding.</param>
    /// <exception cref="EndOfStreamException">The file ends before the last sample.</exception>
    public unsafe void Decode(byte* destination, bool deep, CancellationToken cancellationToken)
    {
        int decodedSize = PayloadDescription.SizeOf(ElementTypeOf(deep));
        byte[]? stored = decodedSize == StoredSampleSize ? null : new byte[ChunkLength];

        // The rows of a PFM image are stored bottom first.
        int runs = IsFloat ? Height : 1;
        long runLength = (long)Width * Channels * (IsFloat ? 1 : Height);
        for (int run = 0; run < runs; run++)
        {
            byte* decodedRun = destination + ((runs - 1 - run) * runLength * decodedSize);
            for (long sample = 0; sample < runLength; sample += ChunkLength / StoredSampleSize)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = (int)Math.Min(ChunkLength / StoredSampleSize, runLength - sample);
                var decoded = new Span<byte>(decodedRun + (sample * decodedSize), count * decodedSize);
                Span<byte> chunk = stored is null ? decoded : stored.AsSpan(0, count * StoredSampleSize);
                Fill(chunk, _dataOffset + (((run * runLength) + sample) * StoredSampleSize));
                Convert(chunk, decoded);
            }
        }
    }

    private void Fill(Span<byte> chunk, long offset)
    {
        while (chunk.Length > 0)
        {
            int read = RandomAccess.Read(_file, chunk, offset);
            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            chunk = chunk[read..];
            offset += read;
        }
    }

    /// <summary>Converts stored samples to decoded ones, in place if both have the same size.</summary>
    private void Convert(Span<byte> stored, Span<byte> decoded)
    {
        bool narrows = decoded.Length < stored.Length;
        if (IsFloat)
        {
            Span<uint> bits = MemoryMarshal.Cast<byte, uint>(stored);
            if (_isLittleEndian != BitConverter.IsLittleEndian)
            {
                BinaryPrimitives.ReverseEndianness(bits, bits);
            }

            for (int i = 0; narrows && i < decoded.Length; i++)
            {
                float value = BitConverter.UInt32BitsToSingle(bits[i]);
                decoded[i] = float.IsNaN(value) ? (byte)0 : (byte)((Math.Clamp(value, 0, 1) * byte.MaxValue) + 0.5f);
            }
        }
        else if (StoredSampleSize == sizeof(ushort))
        {
            Span<ushort> samples = MemoryMarshal.Cast<byte, ushort>(stored);
            if (BitConverter.IsLittleEndian)
            {
                BinaryPrimitives.ReverseEndianness(samples, samples);
            }

            for (int i = 0; _maxValue < ushort.MaxValue && i < samples.Length; i++)
            {
                samples[i] = (ushort)Scale(samples[i], ushort.MaxValue);
            }

            for (int i = 0; narrows && i < decoded.Length; i++)
            {
                decoded[i] = (byte)(samples[i] >> 8);
            }
        }
        else
        {
            for (int i = 0; _maxValue < byte.MaxValue && i < stored.Length; i++)
            {
                stored[i] = (byte)Scale(stored[i], byte.MaxValue);
            }
        }
    }

    private uint Scale(uint sample, uint white) => ((Math.Min(sample, (uint)_maxValue) * white) + ((uint)_maxValue / 2)) / (uint)_maxValue;

    /// <summary>A number from 1 on.</summary>
    private static bool TryReadNumber(ReadOnlySpan<byte> header, ref int position, out int number)
    {
        ReadOnlySpan<byte> token = NextToken(header, ref position);
        return Utf8Parser.TryParse(token, out number, out int used) && used == token.Length && number > 0;
    }

    /// <summary>The next word, after white space and comments; empty at the end of the header.</summary>
    private static ReadOnlySpan<byte> NextToken(ReadOnlySpan<byte> header, ref int position)
    {
        bool isComment = false;
        while (position < header.Length && (isComment || IsSpace(header[position]) || header[position] == '#'))
        {
            isComment = header[position] == '#' || (isComment && header[position] != '\n');
            position++;
        }

        int start = position;
        while (position < header.Length && !IsSpace(header[position]))
        {
            position++;
        }

        return header[start..position];
    }

    private static bool IsSpace(byte character) => character is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');
}
