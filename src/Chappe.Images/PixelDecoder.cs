using Chappe.Exchange;
using NetVips;

namespace Chappe.Images;

/// <summary>Decodes one image into memory: upright, rows packed, the top row first.</summary>
internal sealed unsafe class PixelDecoder : IDisposable
{
    private readonly Image _image;
    private readonly Orientation _orientation;

    /// <param name="opened">The image. The caller keeps it; it can be read only once.</param>
    /// <param name="allow16Bits">Whether an image with more than 8 bits per sample is decoded to 16 bits.</param>
    /// <exception cref="VipsException">libvips cannot convert the image.</exception>
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

    /// <summary>Decodes the image. Call it once.</summary>
    /// <param name="destination">Memory for <see cref="Length"/> bytes.</param>
    /// <param name="cancellationToken">Stops libvips.</param>
    /// <exception cref="VipsException">The file is damaged or incomplete.</exception>
    public void Decode(byte* destination, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static image => ((Image)image!).SetKill(true), _image);
        try
        {
            if (_orientation.IsUpright)
            {
                DecodeUpright(destination);
            }
            else
            {
                DecodeTurned(destination, cancellationToken);
            }
        }
        catch (VipsException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    public void Dispose() => _image.Dispose();

    // To rotate an image, libvips needs a second copy of all of it. Its raw saver, in contrast, delivers the rows in the order of the file, a few at a time.
    private void DecodeTurned(byte* destination, CancellationToken cancellationToken)
    {
        using var rows = new TurnedRows(_image.Width, _image.Height, PixelSize, _orientation, destination);
        using var target = new TargetCustom();
        target.OnWrite += (bytes, length) =>
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return -1;
            }

            rows.Append(bytes.AsSpan(0, length));
            return length;
        };
        _image.RawsaveTarget(target);
    }

    private void DecodeUpright(byte* destination)
    {
        using Image target = Image.NewFromMemory((nint)destination, (ulong)Length, Width, Height, Channels, _image.Format);
        _image.Write(target);
    }
}
