using System.Text;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>What the responder wrote beside the payload: copied once, then checked, so that nothing can change after the check.</summary>
internal sealed unsafe class AnswerCopy
{
    private readonly byte[] _mediaType = new byte[ControlPage.MediaTypeCapacity];
    private readonly byte[] _message = new byte[ControlPage.MessageCapacity];
    private HeaderWords _words;
    private PayloadDescription _description;
    private uint _status;
    private uint _kind;
    private int _mediaTypeLength;
    private int _messageLength;
    private string? _mediaTypeText;

    internal ExchangeLevel Level { get; private set; }

    internal ResponseHeader Header { get; private set; }

    internal PayloadKind Kind => (PayloadKind)_kind;

    internal ref readonly PayloadDescription Description => ref _description;

    /// <summary>The media type, made a string when it is asked for, and again only when it changes.</summary>
    internal string? MediaType
    {
        get
        {
            ReadOnlySpan<byte> bytes = _mediaType.AsSpan(0, _mediaTypeLength);
            if (bytes.IsEmpty)
            {
                return null;
            }

            if (_mediaTypeText is null || !Ascii.Equals(bytes, _mediaTypeText))
            {
                _mediaTypeText = Encoding.ASCII.GetString(bytes);
            }

            return _mediaTypeText;
        }
    }

    /// <summary>Whether the responder let the request go because a responder of the basic level has it.</summary>
    internal bool IsHandedBack => _status == (uint)ResponseStatus.Cancelled && _kind == (uint)PayloadKind.None;

    /// <summary>Whether it is a right answer that is not empty.</summary>
    internal bool HasPayload => _status == (uint)ResponseStatus.Ok && _words.Bytes > 0;

    /// <summary>What went wrong with an answer after it was started; null if nothing did.</summary>
    internal RequestFailedException? FailureOf(in ControlPage page)
    {
        _status = page.Status;
        if (_status == (uint)ResponseStatus.Ok)
        {
            return null;
        }

        CopyMessage(page);
        return Failure();
    }

    internal void CopyExtended(Home home, in ControlPage page)
    {
        Level = ExchangeLevel.Extended;
        _words = home.Words;
        _status = page.Status;
        _kind = page.Kind;
        _mediaTypeLength = Math.Min((int)page.MediaTypeLength, _mediaType.Length);
        _messageLength = 0;
        fixed (ControlPage* source = &page)
        {
            new ReadOnlySpan<byte>(source->MediaType, _mediaTypeLength).CopyTo(_mediaType);
        }

        if (_status != (uint)ResponseStatus.Ok)
        {
            CopyMessage(page);
        }

        _description = page.HasDescription == 1 ? DescriptionLines.Read(page) : default;
    }

    /// <summary>Copies HEAD if it may be a basic responder's answer, and DATA really has that many bytes.</summary>
    internal bool TryCopyBasic(Home home)
    {
        _words = home.Words;
        if (!_words.LooksLikeBasicAnswer() || _words.Bytes > long.MaxValue)
        {
            return false;
        }

        // The page of HEAD is there, but a length that grew by ftruncate may have no memory behind it.
        FileStatus data = home.Data.GetStatus();
        if (data.Length < (long)_words.Bytes || home.Data.KnownLength < Math.Min((long)_words.Bytes, data.Length))
        {
            return false;
        }

        Level = ExchangeLevel.Basic;
        _status = (uint)ResponseStatus.Ok;
        _kind = (uint)(_words.Width == 0 ? PayloadKind.File : PayloadKind.Pixels);
        _mediaTypeLength = 0;
        _description = BasicDescription(_words);
        return true;
    }

    /// <summary>A basic responder's pixels are 8-bit samples in packed rows; it does not say in which order the samples of a pixel are.</summary>
    private static PayloadDescription BasicDescription(in HeaderWords words) => words.Bytes == 0 || words.Width == 0
        ? default
        : PayloadDescription.Tensor(ElementType.UInt8, (long)words.Height, (long)words.Width, (long)words.Channels);

    /// <summary>Refuses what the protocol does not allow, and turns a status other than ok into its exception.</summary>
    internal void Check(Home home, long maxPayloadLength)
    {
        if (_status != (uint)ResponseStatus.Ok)
        {
            throw Failure();
        }

        if (_kind is 0 or >= (uint)PayloadKind.Error)
        {
            throw new ProtocolException($"The responder answered with a payload of the unknown kind {_kind}.");
        }

        if (!_words.TryToHeader(out ResponseHeader header))
        {
            throw new ProtocolException($"The responder's header is beyond any size: {_words.Bytes} bytes, {_words.Width} × {_words.Height} × {_words.Channels}.");
        }

        if (header.Length > maxPayloadLength || header.Length > home.Data.MaxLength)
        {
            throw new ProtocolException($"The responder's payload of {header.Length:N0} bytes is larger than this channel's maximum of {Math.Min(maxPayloadLength, home.Data.MaxLength):N0} (MaxPayloadLength).");
        }

        if (header.Length > home.Data.KnownLength && header.Length > Math.Min(home.Data.GetStatus().Length, home.Data.KnownLength))
        {
            throw new ProtocolException($"The responder says {header.Length:N0} bytes, but its data segment has {home.Data.KnownLength:N0}.");
        }

        if (!DescriptionLines.Fits(_description, header.Length))
        {
            throw new ProtocolException($"The responder's description of its payload reaches beyond the {header.Length:N0} bytes that it has.");
        }

        Header = header;
    }

    private void CopyMessage(in ControlPage page)
    {
        fixed (ControlPage* source = &page)
        {
            _messageLength = Math.Min((int)page.MessageLength, _message.Length);
            new ReadOnlySpan<byte>(source->Message, _messageLength).CopyTo(_message);
        }
    }

    private RequestFailedException Failure() => _status <= (uint)ResponseStatus.Internal
        ? new RequestFailedException((ResponseStatus)_status, Encoding.UTF8.GetString(_message, 0, _messageLength))
        : throw new ProtocolException($"The responder answered with the unknown status {_status}.");
}
