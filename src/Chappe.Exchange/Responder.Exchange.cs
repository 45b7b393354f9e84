using System.Text;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Seeing a request, taking it, answering it.</summary>
public sealed partial class Responder
{
    private const int Idle = 0;
    private const int Receiving = 1;
    private const int RequestIsInHand = 2;

    private readonly byte[] _name = new byte[Limits.NameLength];
    private int _occupation;
    private int _nameLength;
    private int _strayPosts;
    private bool _owesBasicAnswer;
    private long _lengthCheckedAt = -1;
    private long _room;
    private PrivateBuffer? _private;

    /// <summary>Spans of these may still be in use by whoever answers the request in hand.</summary>
    private readonly List<PrivateBuffer> _outgrown = [];

    private ulong _ticket;
    private ulong _seenTicket;
    private bool _postMayBeLeft;
    private ulong _serial;
    private ulong _currentSerial;
    private RequestKind _kind;
    private bool _mayStream;
    private ServedRequest _summary;

    private void BeginReceive()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0 || !_uses.TryEnter(), this);
        int before = Interlocked.CompareExchange(ref _occupation, Receiving, Idle);
        if (before != Idle)
        {
            _uses.Leave();
            throw new InvalidOperationException(before == RequestIsInHand
                ? "The last request is not answered: answer or dispose it first. A channel carries one exchange at a time."
                : "Another receive is under way. A channel carries one exchange at a time.");
        }

        _strayPosts = 0;
    }

    private void EndReceive()
    {
        Volatile.Write(ref _occupation, Idle);
        _uses.Leave();
    }

    /// <summary>Why the ticket is looked at.</summary>
    private enum Wake
    {
        /// <summary>A receive begins.</summary>
        Start,

        /// <summary>The ticket has changed.</summary>
        Ticket,

        /// <summary>A post of REQ was taken.</summary>
        Post,

        /// <summary>Nothing came for a while.</summary>
        Silence,
    }

    /// <summary>
    /// Spins for as long as it pays. The ticket stands in CTRL before it is posted, so that is what is looked at; the server takes the post back itself.
    /// </summary>
    /// <returns>Null if it is time to block.</returns>
    private Wake? HasNewsInTime(CancellationToken cancellationToken)
    {
        if (_attachment!.Control is not { } control)
        {
            return null;
        }

        NamedSemaphore requests = _attachment.Home.Requests;
        if (_spin.UntilChanged(ref control.Page.Ticket, _seenTicket, requests, cancellationToken))
        {
            return Volatile.Read(ref control.Page.Ticket) != _seenTicket ? Wake.Ticket
                : requests.TryWait() ? Wake.Post
                : null;
        }

        // The post of a request that was taken without it brings nothing, most likely: nothing but the ticket is looked at.
        bool mayBeLeft = _postMayBeLeft;
        _postMayBeLeft = false;
        return mayBeLeft && requests.TryWait() ? Wake.Ticket : null;
    }

    /// <summary>Takes the request that stands, if one does.</summary>
    private bool TryTake(Wake wake)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (_attachment is null && !TryAttach())
        {
            return false;
        }

        if (wake == Wake.Post)
        {
            FaultPoint.Pass(Step.RequestPostTaken);
        }

        Attachment attachment = _attachment!;
        if (attachment.Control is null ? TryTakeBasic(attachment, wake) : TryTakeExtended(attachment, ref attachment.Control.Page))
        {
            _postMayBeLeft = wake != Wake.Post;
            return true;
        }

        if (wake is Wake.Post or Wake.Ticket && ++_strayPosts > Limits.StrayPosts)
        {
            throw Limits.TooManyStrayPosts(Channel.RequestSemaphore);
        }

        // In silence, and after a post that brought nothing: the server may have ended.
        if (wake is Wake.Post or Wake.Silence && !IsStillTheChannel(attachment))
        {
            Detach();
        }

        return false;
    }

    private bool TryTakeExtended(Attachment attachment, ref ControlPage page)
    {
        // A server that writes what it likes gives a reason to look again each time: that ends as a flood of posts does.
        for (int looks = 0; ; looks++)
        {
            if (looks > Limits.Looks)
            {
                throw new ProtocolException($"The server of the channel '{Channel}' changes its requests faster than they can be taken.");
            }

            ulong ticket = Volatile.Read(ref page.Ticket);
            _seenTicket = ticket;
            attachment.Home.Prefetch();
            if (Volatile.Read(ref page.Generation) != attachment.Generation)
            {
                if (!attachment.TryFollow(Channel, _options))
                {
                    return false;
                }

                continue;
            }

            if (ticket == 0 || ticket == page.Taken)
            {
                return false;
            }

            page.Taker = attachment.Incarnation;
            FaultPoint.Pass(Step.TakerWritten);
            Volatile.Write(ref page.Taken, ticket);
            FaultPoint.Pass(Step.TakenWritten);
            _ticket = ticket;

            // The other half of the barrier in the server's withdrawal: at least one of the two sees the other.
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref page.Ticket) != ticket || !attachment.Home.Words.IsUntouchedRequest)
            {
                // Withdrawn, or in the hands of a client of the basic level, whose answer or half of it stands where the name was: nothing is touched.
                WriteError(ref page, ResponseStatus.Cancelled, "The request was withdrawn.");
                page.Kind = (uint)PayloadKind.None;
                Post(attachment, ref page);
                continue;
            }

            _mayStream = (page.Flags & ControlPage.MayStream) != 0;
            uint wants = page.Wants;
            _kind = (RequestKind)wants;
            if (wants > (uint)RequestKind.List)
            {
                Refuse(attachment, ref page, ResponseStatus.Unsupported, $"This client does not know requests of kind {wants}.");
            }
            else if (TryReadName(attachment.Home, allowsNone: _kind == RequestKind.List))
            {
                FaultPoint.Pass(Step.NameRead);
                return true;
            }
            else
            {
                Refuse(attachment, ref page, ResponseStatus.InvalidName, $"The request's name is not 1 to {Limits.NameLength:N0} bytes long, or not there.");
            }
        }
    }

    private bool TryTakeBasic(Attachment attachment, Wake wake)
    {
        if (wake != Wake.Post && !_owesBasicAnswer)
        {
            return false;
        }

        // The token is taken: if the segments are not there yet, the answer is owed until they are.
        _owesBasicAnswer = true;
        if (attachment.Home.Header.GetStatus().LinkCount == 0 && !attachment.TryReopen(Channel, _options))
        {
            return false;
        }

        _owesBasicAnswer = false;
        _mayStream = false;
        _kind = RequestKind.Any;
        return attachment.Home.Header.Length >= sizeof(ulong) && TryReadName(attachment.Home, allowsNone: false);
    }

    private bool TryReadName(Home home, bool allowsNone)
    {
        ulong length = home.Words.Bytes;
        if (length > Limits.NameLength || (length == 0 && !allowsNone))
        {
            return false;
        }

        _nameLength = (int)length;
        if (_options.Trust == PeerTrust.Untrusted)
        {
            return home.Data.Read(0, _name.AsSpan(0, _nameLength)) == _nameLength;
        }

        if (IsTimeToCheckLength() || (long)length > home.Data.KnownLength)
        {
            _ = home.Data.GetStatus();
        }

        if ((long)length > home.Data.KnownLength)
        {
            return false;
        }

        home.Data.GetSpan(0, _nameLength).CopyTo(_name);
        return true;
    }

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

    /// <summary>Makes room in DATA, trusting no length that a basic server may have changed.</summary>
    internal unsafe byte* MakeRoom(long length)
    {
        SharedMemory data = _attachment!.Home.Data;
        long maximum = Math.Min(_options.MaxPayloadLength, data.MaxLength);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > maximum)
        {
            throw new RequestFailedException(ResponseStatus.TooLarge, $"The payload of {length:N0} bytes is larger than this client's maximum of {maximum:N0} (MaxPayloadLength).");
        }

        if (IsTimeToCheckLength() || length > data.KnownLength)
        {
            data.EnsureLength(length);
        }

        FaultPoint.Pass(Step.RoomMade);
        _room = length;
        if (_options.Trust == PeerTrust.Trusted)
        {
            return data.GetPointer(0, length);
        }

        if (_private is null || _private.Capacity < length)
        {
            var larger = new PrivateBuffer(length);
            _private?.MoveTo(larger, _outgrown);
            _private = larger;
        }

        return _private.Pointer;
    }

    /// <summary>
    /// Both sides of the basic level set the length of DATA as they like. A server of the extended level has no reason to: there it is enough to look
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

    /// <summary>What the server could only call a violation of the protocol is refused here, where it can be mended.</summary>
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
        // A basic server makes HEAD 32 bytes long before it reads: what is beyond the end by then would read as zeroes.
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
