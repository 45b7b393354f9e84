using System.Runtime.InteropServices;
using Chappe.Exchange;
using NetVips;

namespace Chappe.Images;

/// <summary>Decodes one image into memory that it is handed: upright, rows packed, top first.</summary>
internal sealed unsafe class PixelDecoder : IDisposable
{
    private const int StripLength = 1 << 19;

    private readonly Image _image;
    private readonly Orientation _orientation;

    /// <param name="opened">Stays the caller's, and is used up: it can be read only once.</param>
    /// <param name="allow16Bits">Whether more than 8 bits a sample may remain, as 16.</param>
    /// <exception cref="VipsException">libvips cannot convert it.</exception>
    public PixelDecoder(OpenedImage opened, bool allow16Bits)
    {
        _image = SampleConversion.Convert(opened.Image, allow16Bits);
        ElementType = _image.Format == Enums.BandFormat.Ushort ? ElementType.UInt16 : ElementType.UInt8;
        _orientation = Orientation.Of(_image, PixelSize);
    }

    public int Width => _orientation.Width;

    public int Height => _orientation.Height;

    public int Channels => _image.Bands;

    public ElementType ElementType { get; }

    public long Length => (long)Width * Height * PixelSize;

    public PayloadDescription Description => PayloadDescription.Image(Width, Height, Channels, ElementType, (PixelFormat)Channels);

    private int PixelSize => Channels * PayloadDescription.SizeOf(ElementType);

    /// <summary>Decodes all of it, once.</summary>
    /// <param name="destination">Room for <see cref="Length"/> bytes.</param>
    /// <param name="cancellationToken">Stops libvips too.</param>
    /// <exception cref="VipsException">The file is damaged or incomplete.</exception>
    public void Decode(byte* destination, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static image => ((Image)image!).SetKill(true), _image);
        try
        {
            if (_orientation.IsUpright)
            {
                Write(_image, destination);
            }
            else
            {
                DecodeStrips(destination);
            }
        }
        catch (VipsException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    public void Dispose() => _image.Dispose();

    // libvips would turn an image only with the whole of it in memory a second time. Strips of the file, read in its order, need no more than one strip.
    private void DecodeStrips(byte* destination)
    {
        int width = _image.Width;
        int stripHeight = Math.Clamp(StripLength / (width * PixelSize), 8, 256);
        byte* strip = (byte*)NativeMemory.Alloc((nuint)stripHeight, (nuint)((long)width * PixelSize));
        try
        {
            for (int top = 0; top < _image.Height; top += stripHeight)
            {
                int rows = Math.Min(stripHeight, _image.Height - top);
                using (Image rowsOfStrip = _image.Crop(0, top, width, rows))
                {
                    Write(rowsOfStrip, strip);
                }

                PixelCopy.Scatter(strip, width, rows, PixelSize, destination + _orientation.Origin + top * _orientation.RowStride, _orientation.ColumnStride, _orientation.RowStride);
            }
        }
        finally
        {
            NativeMemory.Free(strip);
        }
    }

    private static void Write(Image image, byte* destination)
    {
        ulong length = (ulong)image.Width * (ulong)image.Height * (ulong)image.Bands * (image.Format == Enums.BandFormat.Ushort ? 2u : 1u);
        using Image target = Image.NewFromMemory((nint)destination, length, image.Width, image.Height, image.Bands, image.Format);
        image.Write(target);
    }
}
