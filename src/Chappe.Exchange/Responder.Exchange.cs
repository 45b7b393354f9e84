using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Seeing a request and taking it.</summary>
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
    private ulong _ticket;
    private ulong _seenTicket;
    private bool _postMayBeLeft;
    private ulong _serial;
    private ulong _currentSerial;
    private RequestKind _kind;
    private bool _mayStream;

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
    /// Spins for as long as it pays. The ticket stands in CTRL before it is posted, so that is what is looked at; the requester takes the post back itself.
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

        // In silence, and after a post that brought nothing: the requester may have ended.
        if (wake is Wake.Post or Wake.Silence && !IsStillTheChannel(attachment))
        {
            Detach();
        }

        return false;
    }

    private bool TryTakeExtended(Attachment attachment, ref ControlPage page)
    {
        // A requester that writes what it likes gives a reason to look again each time: that ends as a flood of posts does.
        for (int looks = 0; ; looks++)
        {
            if (looks > Limits.Looks)
            {
                throw new ProtocolException($"The requester of the channel '{Channel}' changes its requests faster than they can be taken.");
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

            // The other half of the barrier in the requester's withdrawal: at least one of the two sees the other.
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref page.Ticket) != ticket || !attachment.Home.Words.IsUntouchedRequest)
            {
                // Withdrawn, or in the hands of a responder of the basic level, whose answer or half of it stands where the name was: nothing is touched.
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
                Refuse(attachment, ref page, ResponseStatus.Unsupported, $"This responder does not know requests of kind {wants}.");
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
        if (attachment.Home.Header.GetStatus().LinkCount == 0 && (HasRequesterOfTheExtendedLevel() || !attachment.TryReopen(Channel, _options)))
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
}
