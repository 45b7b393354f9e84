using System.Text;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Answering the request in hand.</summary>
public sealed partial class Responder
{
    private long _lengthCheckedAt = -1;
    private long _room;
    private PrivateBuffer? _private;

    /// <summary>Spans of these may still be in use by whoever answers the request in hand.</summary>
    private readonly List<PrivateBuffer> _outgrown = [];

    private ServedRequest _summary;

    private Request CurrentRequest()
    {
        _room = 0;
        _currentSerial = ++_serial;
        Volatile.Write(ref _occupation, RequestIsInHand);
        return new Request(this, _currentSerial);
    }

    internal bool IsCurrent(ulong serial) => Volatile.Read(ref _currentSerial) == serial;

    internal ReadOnlySpan<byte> NameBytes => _name.AsSpan(0, _nameLength);

    internal RequestKind RequestedKind => _kind;

    internal ExchangeLevel Level => _attachment!.Level;

    /// <summary>Makes room in DATA, trusting no length that a basic requester may have changed.</summary>
    internal unsafe byte* MakeRoom(long length)
    {
        SharedMemory data = _attachment!.Home.Data;
        long maximum = Math.Min(_options.MaxPayloadLength, data.MaxLength);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > maximum)
        {
            throw new RequestFailedException(ResponseStatus.TooLarge, $"The payload of {length:N0} bytes is larger than this responder's maximum of {maximum:N0} (MaxPayloadLength).");
        }

        if (IsTimeToCheckLength() || length > data.KnownLength)
        {
            data.EnsureLength(length);
        }

        FaultPoint.Pass(Step.RoomMade);
        bool isTrusted = _options.Trust == PeerTrust.Trusted;
        if (!isTrusted && (_private is null || _private.Capacity < length))
        {
            var larger = new PrivateBuffer(length);
            _private?.MoveTo(larger, _outgrown);
            _private = larger;
        }

        // Only after the memory is there: a handler may catch the exception and complete the request.
        _room = length;
        return isTrusted ? data.GetPointer(0, length) : _private!.Pointer;
    }

    /// <summary>
    /// Both sides of the basic level set the length of DATA as they like. A requester of the extended level has no reason to: there it is enough to look
    /// once in a tick of the coarse clock.
    /// </summary>
    private bool IsTimeToCheckLength()
    {
        long now = Environment.TickCount64;
        bool isTime = Level == ExchangeLevel.Basic || now != _lengthCheckedAt;
        _lengthCheckedAt = now;
        return isTime;
    }

    internal unsafe void Complete(in ResponseHeader header, PayloadKind kind, string? mediaType, in PayloadDescription description)
    {
        if (_isStarted)
        {
            throw new InvalidOperationException("The answer is started: Complete() without a header ends it.");
        }

        Attachment attachment = _attachment!;
        CheckAnswer(header, kind, mediaType, description);
        if (_options.Trust == PeerTrust.Untrusted)
        {
            _private?.CopyTo(attachment.Home.Data, header.Length);
        }

        if (attachment.Control is { } control)
        {
            WriteAnswer(attachment, ref control.Page, header, kind, mediaType, description);
            Post(attachment, ref control.Page);
        }
        else
        {
            PostBasic(attachment, HeaderWords.For(header));
        }

        End(new ServedRequest("", ResponseStatus.Ok, null, header, kind, mediaType, attachment.Level, default));
    }

    private static void WriteAnswer(
        Attachment attachment,
        ref ControlPage page,
        in ResponseHeader header,
        PayloadKind kind,
        string? mediaType,
        in PayloadDescription description)
    {
        attachment.Home.Words = HeaderWords.For(header);
        FaultPoint.Pass(Step.HeaderWritten);
        page.Status = (uint)ResponseStatus.Ok;
        page.Kind = (uint)kind;
        page.MessageLength = 0;
        WriteMediaType(ref page, mediaType);
        page.HasDescription = description.SaysNothing ? 0u : 1u;
        if (!description.SaysNothing)
        {
            DescriptionLines.Write(ref page, description);
        }

        FaultPoint.Pass(Step.StatusWritten);
    }

    /// <summary>What the requester could only call a violation of the protocol is refused here, where it can be mended.</summary>
    private void CheckAnswer(in ResponseHeader header, PayloadKind kind, string? mediaType, in PayloadDescription description)
    {
        if (header is { Length: < 0 } or { Width: < 0 } or { Height: < 0 } or { Channels: < 0 })
        {
            throw new ArgumentException("A header holds no negative numbers.", nameof(header));
        }

        if (header.Length > _room)
        {
            throw new ArgumentException($"{header.Length:N0} bytes cannot be sent: room was made for {_room:N0} (GetSpan, GetPointer).", nameof(header));
        }

        if (kind is <= PayloadKind.None or >= PayloadKind.Error)
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "A payload is a file, pixels, a list or bytes.");
        }

        if (mediaType is not null && (mediaType.Length > ControlPage.MediaTypeCapacity || !Ascii.IsValid(mediaType)))
        {
            throw new ArgumentException($"A media type is at most {ControlPage.MediaTypeCapacity} ASCII characters; this one is '{mediaType}'.", nameof(mediaType));
        }

        if (description.Rank is < 0 or > PayloadDescription.MaxRank)
        {
            throw new ArgumentException($"A description has 0 to {PayloadDescription.MaxRank} dimensions; this one has {description.Rank}.", nameof(description));
        }

        if (!DescriptionLines.Fits(description, header.Length))
        {
            throw new ArgumentException($"The description reaches beyond the {header.Length:N0} bytes of the payload.", nameof(description));
        }
    }

    internal void Fail(ResponseStatus status, string message)
    {
        Attachment attachment = _attachment!;
        if (_isStarted)
        {
            FailStarted(attachment, ref attachment.Control!.Page, status, message);
        }
        else if (attachment.Control is { } control)
        {
            Refuse(attachment, ref control.Page, status, message);
        }
        else
        {
            // The basic level knows no errors: an empty payload is the nearest.
            PostBasic(attachment, default);
        }

        End(new ServedRequest("", status, message, default, PayloadKind.Error, null, attachment.Level, default));
    }

    private void End(ServedRequest summary)
    {
        foreach (PrivateBuffer buffer in _outgrown)
        {
            buffer.Dispose();
        }

        _outgrown.Clear();
        _isStarted = false;
        _summary = summary;
        Volatile.Write(ref _currentSerial, 0);
        Volatile.Write(ref _occupation, Idle);
        _uses.Leave();
    }

    private void Post(Attachment attachment, ref ControlPage page)
    {
        Volatile.Write(ref page.Done, _ticket);
        FaultPoint.Pass(Step.DoneWritten);
        attachment.Home.Responses.Release();
        FaultPoint.Pass(Step.ResponsePosted);
    }

    private void Refuse(Attachment attachment, ref ControlPage page, ResponseStatus status, string message)
    {
        attachment.Home.Words = default;
        WriteError(ref page, status, message);
        Post(attachment, ref page);
    }

    private static void PostBasic(Attachment attachment, in HeaderWords words)
    {
        // A basic requester makes HEAD 32 bytes long before it reads: what is beyond the end by then would read as zeroes.
        attachment.Home.Header.EnsureLength(HeaderWords.Size);
        attachment.Home.Words = words;
        FaultPoint.Pass(Step.HeaderWritten);
        attachment.Home.Responses.Release();
        FaultPoint.Pass(Step.ResponsePosted);
    }

    private static unsafe void WriteMediaType(ref ControlPage page, string? mediaType)
    {
        fixed (byte* destination = page.MediaType)
        {
            page.MediaTypeLength = (ushort)Encoding.ASCII.GetBytes(mediaType ?? "", new Span<byte>(destination, ControlPage.MediaTypeCapacity));
        }
    }

    private static void WriteError(ref ControlPage page, ResponseStatus status, string message)
    {
        page.Status = (uint)status;
        page.Kind = (uint)PayloadKind.Error;
        page.MediaTypeLength = 0;
        page.HasDescription = 0;
        WriteMessage(ref page, message);
    }

    private static unsafe void WriteMessage(ref ControlPage page, string message)
    {
        fixed (byte* destination = page.Message)
        {
            // As many whole characters as there is room for.
            Encoding.UTF8.GetEncoder().Convert(message, new Span<byte>(destination, ControlPage.MessageCapacity), flush: true, out _, out int length, out _);
            page.MessageLength = (ushort)length;
        }
    }
}
