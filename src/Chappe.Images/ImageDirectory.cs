using System.Runtime.CompilerServices;
using Chappe.Exchange;
using NetVips;

namespace Chappe.Images;

/// <summary>Serves the files of a directory, and knows those that are images: their dimensions when the file is sent, their pixels when those are wanted.</summary>
/// <remarks>
/// <para>
/// A file goes out with width, height and channels from its header, as stored, and the media type of its content. Nothing is decoded for that.
/// JPEG, PNG, WebP, GIF, TIFF and AVIF are read; any other file is no image and goes out as it is, with 0, 0, 0.
/// </para>
/// <para>
/// Pixels are decoded by libvips straight into the data segment: grey or sRGB, with alpha (not premultiplied) where there is one, upright by the
/// EXIF orientation, colour profiles applied, rows packed, top first, of an animation the first frame. They have 8 bits a sample for a requester of the basic level, for one of
/// the extended level 16 bits where the file has more than 8; floating-point samples of a grey image count from 0 to 1. <see cref="PayloadDescription"/>
/// says which, and the media type is null: pixels have none.
/// </para>
/// <para>
/// The settings of libvips, such as <c>NetVips.Cache.Max</c> and its log handlers, belong to the program: this class changes none of them. A decoder and its file are
/// closed with the response, whatever libvips has in its cache. libvips may warn of a damaged image on standard error; <c>NetVips.Log.SetLogHandler</c> changes that.
/// </para>
/// </remarks>
public sealed class ImageDirectory : IRequestHandler, IDisposable
{
    /// <summary>The most pixels that are decoded by default: 268 435 456, that is 16 384 × 16 384.</summary>
    public const long DefaultMaxPixels = 16_384L * 16_384;

    private readonly FileDirectory _files;

    /// <summary>What the headers of files say that are kept open: a file that has changed is another one.</summary>
    private readonly ConditionalWeakTable<ServedFile, StrongBox<ImageInformation>> _information = [];
    private readonly SendPreference _send;
    private readonly long _maxPixels;

    /// <summary>Serves a directory.</summary>
    /// <param name="path">The directory. Names are resolved below it only.</param>
    /// <param name="send">What to send of an image.</param>
    /// <param name="maxPixels">The most pixels (width × height, from the header) that are decoded: a small file can hold a very large image.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="send"/> is none of the values, or <paramref name="maxPixels"/> is not positive.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
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
    /// The name stands for nothing that may be sent, as <see cref="FileDirectory.Open(string)"/> says; or pixels are wanted of a file that is no image
    /// (<see cref="ResponseStatus.Unsupported"/>), that has too many (<see cref="ResponseStatus.TooLarge"/>) or that is damaged (<see cref="ResponseStatus.Unreadable"/>).
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

    /// <summary>Lets go of the directory.</summary>
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
            using OpenedImage? opened = OpenedImage.TryOpen(file.Handle, Enums.FailOn.Error);
            if (opened is null)
            {
                SendNoImage(request, file);
                return;
            }

            PixelLimit.Check(opened.Image, _maxPixels, file.Name);
            using var decoder = new PixelDecoder(opened, allow16Bits: request.Level == ExchangeLevel.Extended);
            decoder.Decode(request.GetPointer(decoder.Length), cancellationToken);
            request.Complete(
                new ResponseHeader(decoder.Length, decoder.Width, decoder.Height, decoder.Channels),
                decoder.Description,
                PayloadKind.Pixels);
        }
        catch (VipsException exception)
        {
            // What libvips says stays here: it knows of descriptors and of other images that are decoded at this moment.
            throw new RequestFailedException(
                ResponseStatus.Unreadable,
                $"'{file.Name}' cannot be decoded: it is damaged, incomplete, or compressed in a way that is not supported.",
                exception);
        }
    }

    private static void SendNoImage(Request request, ServedFile file)
    {
        // A requester of the basic level knows no errors, and one that did not ask for pixels does not miss them.
        if (request.Level == ExchangeLevel.Basic || request.Kind != RequestKind.Pixels)
        {
            file.Send(request);
            return;
        }

        throw new RequestFailedException(ResponseStatus.Unsupported, $"'{file.Name}' is no image that can be decoded; ask for the file.");
    }
}
