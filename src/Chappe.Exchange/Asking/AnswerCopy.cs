using System.Text;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>A copy of everything in an answer except its payload. It is made once and checked after that, so a peer cannot change what was checked.</summary>
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

    /// <summary>The media type. The string is created on demand and kept until the bytes change.</summary>
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

    /// <summary>Whether the responder handed the request back: it was withdrawn, or a responder of the basic level has it.</summary>
    internal bool IsHandedBack => _status == (uint)ResponseStatus.Cancelled && _kind == (uint)PayloadKind.None;

    /// <summary>Whether the answer succeeded and its payload is not empty.</summary>
    internal bool HasPayload => _status == (uint)ResponseStatus.Ok && _words.Bytes > 0;

    /// <summary>The error that ended a started answer; null if it was completed.</summary>
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

    /// <summary>Copies HEAD if a basic responder may have written it as an answer, and DATA is as long as HEAD requires.</summary>
    internal bool TryCopyBasic(Home home)
    {
        _words = home.Words;
        if (!_words.LooksLikeBasicAnswer() || _words.Bytes > long.MaxValue)
        {
            return false;
        }

        // The file alone is not enough: a part that ftruncate added may have no memory, and reading it could kill the process. KnownLength excludes such a part.
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

    /// <summary>Pixels of a basic responder are 8-bit samples in packed rows. The order of the samples in a pixel is unknown.</summary>
    private static PayloadDescription BasicDescription(in HeaderWords words) => words.Bytes == 0 || words.Width == 0
        ? default
        : PayloadDescription.Tensor(ElementType.UInt8, (long)words.Height, (long)words.Width, (long)words.Channels);

    /// <summary>Validates the answer.</summary>
    /// <exception cref="RequestFailedException">The answer is an error.</exception>
    /// <exception cref="ProtocolException">The answer violates the protocol.</exception>
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
            throw new ProtocolException($"The responder's header is out of range: {_words.Bytes} bytes, {_words.Width} × {_words.Height} × {_words.Channels}.");
        }

        if (header.Length > maxPayloadLength || header.Length > home.Data.MaxLength)
        {
            throw new ProtocolException($"The responder's payload of {header.Length:N0} bytes is larger than this channel's maximum of {Math.Min(maxPayloadLength, home.Data.MaxLength):N0} (MaxPayloadLength).");
        }

        if (header.Length > home.Data.KnownLength && header.Length > Math.Min(home.Data.GetStatus().Length, home.Data.KnownLength))
        {
            throw new ProtocolException($"The responder announced {header.Length:N0} bytes, but its data segment has {home.Data.KnownLength:N0}.");
        }

        if (!DescriptionLines.Fits(_description, header.Length))
        {
            throw new ProtocolException($"The responder's description of its payload reaches beyond the payload's {header.Length:N0} bytes.");
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
