using System.Runtime.CompilerServices;
using Chappe.Exchange;
using NetVips;

namespace Chappe.Images;

/// <summary>Serves the files of a directory. Images are sent with their dimensions, or as decoded pixels.</summary>
/// <remarks>
/// <para>
/// An image file is sent with the width, height and channels in its header, and the media type of its content. Nothing is decoded for that. The formats are JPEG,
/// PNG, WebP, GIF, TIFF, AVIF, and binary PGM, PPM and PFM. Any other file is sent with dimensions of 0. BMP is not decoded: the bundled builds of libvips have no
/// loader for it.
/// </para>
/// <para>
/// Pixels are decoded straight into the data segment: grey or sRGB, with straight alpha if the image has alpha, upright by the EXIF orientation, with the colour
/// profile applied, rows packed, the top row first. Of an animation, the first frame is decoded. A requester of the basic level receives 8 bits per sample. A requester
/// of the extended level receives 16 bits if the file has more than 8; <see cref="PayloadDescription"/> has the type. Grey floating-point samples range from 0 to 1.
/// The response with pixels has no media type.
/// </para>
/// <para>
/// PGM, PPM and PFM are decoded without libvips and without colour conversion. Integer samples are scaled to the full range of 8 or 16 bits. The samples of a PFM file are
/// sent unchanged, as <see cref="ElementType.Float32"/>, to a requester of the extended level.
/// </para>
/// <para>
/// This class changes no setting of libvips, such as <c>NetVips.Cache.Max</c> or its log handlers: they belong to the program. It closes each decoder itself, so the
/// cache of libvips keeps no image file open. libvips may report a damaged image on standard error; use <c>NetVips.Log.SetLogHandler</c> to change that.
/// </para>
/// </remarks>
public sealed class ImageDirectory : IRequestHandler, IDisposable
{
    /// <summary>The default limit of pixels in an image: 268,435,456, or 16,384 × 16,384.</summary>
    public const long DefaultMaxPixels = 16_384L * 16_384;

    private readonly FileDirectory _files;

    /// <summary>The header information of open files. A file that changes is opened again as another object.</summary>
    private readonly ConditionalWeakTable<ServedFile, StrongBox<ImageInformation>> _information = [];
    private readonly SendPreference _send;
    private readonly long _maxPixels;

    /// <summary>Opens the directory to serve.</summary>
    /// <param name="path">The directory. Files outside it are not accessible.</param>
    /// <param name="send">What to send for an image.</param>
    /// <param name="maxPixels">The largest image to decode, as width × height in pixels. The limit applies to the header, before anything is decoded.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="send"/> is not a defined value, or <paramref name="maxPixels"/> is not positive.</exception>
    /// <exception cref="DirectoryNotFoundException">The directory does not exist.</exception>
    public ImageDirectory(string path, SendPreference send = SendPreference.Auto, long maxPixels = DefaultMaxPixels)
    {
        if (!Enum.IsDefined(send))
        {
            throw new ArgumentOutOfRangeException(nameof(send), send, "Unknown preference.");
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxPixels);
        _files = new FileDirectory(path);
        _send = send;
        _maxPixels = maxPixels;
    }

    /// <summary>Answers a request with a file, with pixels, or with the list of names.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Stops decoding.</param>
    /// <exception cref="RequestFailedException">
    /// The file cannot be opened, see <see cref="FileDirectory.Open(string)"/>; or the request asks for the pixels of a file that is not an image of a supported format
    /// (<see cref="ResponseStatus.Unsupported"/>), that has too many pixels (<see cref="ResponseStatus.TooLarge"/>), or that is damaged (<see cref="ResponseStatus.Unreadable"/>).
    /// </exception>
    public ValueTask HandleAsync(Request request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Kind == RequestKind.List)
        {
            _files.SendList(request);
            return default;
        }

        using ServedFile file = _files.Open(request);
        if (WantsPixels(request))
        {
            SendPixels(request, file, cancellationToken);
        }
        else
        {
            SendFile(request, file);
        }

        return default;
    }

    /// <summary>Closes the directory and the open files.</summary>
    public void Dispose() => _files.Dispose();

    private bool WantsPixels(Request request) => _send switch
    {
        SendPreference.Pixels => true,
        SendPreference.File => false,
        _ => request.Kind == RequestKind.Pixels || (request.Kind == RequestKind.Any && request.Level == ExchangeLevel.Basic),
    };

    private void SendFile(Request request, ServedFile file)
    {
        ImageInformation image = InformationOf(file);
        file.Send(request, image.Width, image.Height, image.Channels, image.MediaType ?? file.MediaType);
    }

    private ImageInformation InformationOf(ServedFile file)
    {
        if (!_information.TryGetValue(file, out StrongBox<ImageInformation>? known))
        {
            known = new StrongBox<ImageInformation>(ImageInformation.Read(file.Handle));
            _information.AddOrUpdate(file, known);
        }

        return known.Value;
    }

    private unsafe void SendPixels(Request request, ServedFile file, CancellationToken cancellationToken)
    {
        try
        {
            if (PortableMap.TryOpen(file.Handle) is { } map)
            {
                SendPixels(request, file, map, cancellationToken);
                return;
            }

            using OpenedImage? opened = OpenedImage.TryOpen(file.Handle, Enums.FailOn.Error);
            if (opened is null)
            {
                SendNoImage(request, file);
                return;
            }

            PixelLimit.Check(opened.Image.Width, opened.Image.Height, _maxPixels, file.Name);
            using var decoder = new PixelDecoder(opened, allow16Bits: request.Level == ExchangeLevel.Extended);
            decoder.Decode(request.GetPointer(decoder.Length), cancellationToken);
            request.Complete(
                new ResponseHeader(decoder.Length, decoder.Width, decoder.Height, decoder.Channels),
                decoder.Description,
                PayloadKind.Pixels);
        }
        catch (VipsException exception)
        {
            // The message of libvips is not sent: it may mention descriptors, and images of other requests.
            throw new RequestFailedException(
                ResponseStatus.Unreadable,
                $"'{file.Name}' cannot be decoded. It is damaged, incomplete, or compressed in an unsupported way. Request the file.",
                exception);
        }
    }

    private unsafe void SendPixels(Request request, ServedFile file, PortableMap map, CancellationToken cancellationToken)
    {
        PixelLimit.Check(map.Width, map.Height, _maxPixels, file.Name);
        try
        {
            // Checked before memory is allocated: a header can promise more than the file has.
            if (!map.IsComplete)
            {
                throw new EndOfStreamException();
            }

            bool deep = request.Level == ExchangeLevel.Extended;
            var description = PayloadDescription.Image(map.Width, map.Height, map.Channels, map.ElementTypeOf(deep), (PixelFormat)map.Channels);
            long length = description.Strides[0] * map.Height;
            map.Decode(request.GetPointer(length), deep, cancellationToken);
            request.Complete(new ResponseHeader(length, map.Width, map.Height, map.Channels), description, PayloadKind.Pixels);
        }
        catch (EndOfStreamException exception)
        {
            throw new RequestFailedException(ResponseStatus.Unreadable, $"'{file.Name}' ends before the last of its {map.Width} × {map.Height} pixels.", exception);
        }
    }

    private static void SendNoImage(Request request, ServedFile file)
    {
        // The basic level has no errors, and a requester that did not ask for pixels can use the file.
        if (request.Level == ExchangeLevel.Basic || request.Kind != RequestKind.Pixels)
        {
            file.Send(request);
            return;
        }

        throw new RequestFailedException(
            ResponseStatus.Unsupported,
            $"'{file.Name}' is not an image in a supported format (JPEG, PNG, WebP, GIF, TIFF, AVIF, PGM, PPM or PFM). Request the file, or convert it.");
    }
}
