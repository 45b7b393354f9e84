using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>One request from its beginning to its answer, in steps: blocking and asynchronous callers differ only in how they wait between them.</summary>
public sealed partial class Requester
{
    private const int Idle = 0;
    private const int Busy = 1;
    private const int ResponseIsInUse = 2;

    /// <summary>What an earlier request left that somebody may still write to.</summary>
    private enum Outstanding
    {
        Nothing,

        /// <summary>A responder of the extended level has taken the last ticket and has not said done.</summary>
        ExtendedAnswer,

        /// <summary>The token of the last request is gone and no responder of the extended level has it: a basic one may be at work.</summary>
        BasicAnswer,
    }

    private readonly byte[] _name = new byte[Limits.NameLength];
    private readonly AnswerCopy _answer = new();

    private int _occupation;
    private Outstanding _outstanding;
    private bool _isAsked;
    private bool _lastWasExtended;
    private long _lengthsCheckedAt = -1;
    private ulong _ticket;
    private ulong _seenDone;
    private int _nameLength;
    private int _strayPosts;
    private RequestOptions _request;
    private Deadline? _deadline;

    /// <summary>A list is never asked of a responder that may be of the basic level: it would take the request for a name.</summary>
    private bool WaitsForResponder => !_isAsked && _outstanding == Outstanding.Nothing;

    /// <summary>Set when it is first asked for, while the responder works already: a look at the clock takes a good part of a short exchange.</summary>
    private Deadline GivesUpAt => _deadline ??= Deadline.After(_request.Timeout ?? _options.Timeout);

    private Deadline NextLook => Deadline.Earlier(GivesUpAt, Deadline.After(Limits.LookAround));

    private ref ControlPage Page => ref _owned.Control.Page;

    private bool IsTaken => Volatile.Read(ref Page.Taken) == _ticket;

    private bool IsDone => Volatile.Read(ref Page.Done) == _ticket;

    private void Begin(ReadOnlySpan<byte> name, in RequestOptions request)
    {
        if (name.Length > Limits.NameLength || (name.IsEmpty && request.Kind != RequestKind.List))
        {
            throw new ArgumentException($"A name is 1 to {Limits.NameLength:N0} bytes long; this one is {name.Length:N0}.", nameof(name));
        }

        if (request.Timeout is { } timeout)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, Timeout.InfiniteTimeSpan, nameof(request));
        }

        Enter();
        try
        {
            Occupy();
        }
        catch
        {
            _uses.Leave();
            throw;
        }

        name.CopyTo(_name);
        _nameLength = name.Length;
        _request = request;
        _deadline = null;
        _strayPosts = 0;
        _isAsked = false;
    }

    private void Occupy()
    {
        int before = Interlocked.CompareExchange(ref _occupation, Busy, Idle);
        if (before != Idle)
        {
            throw new InvalidOperationException(before == ResponseIsInUse
                ? "The last response is still in use: dispose it first. A channel carries one exchange at a time."
                : "Another request is under way. A channel carries one exchange at a time.");
        }
    }

    /// <summary>Spins for as long as it pays. The answer stands in CTRL before it is posted, so that is what is looked at.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="posted">Whether a post of RES was taken. That of an answer that was seen in CTRL is left for later.</param>
    /// <returns>False if it is time to block.</returns>
    private bool HasNewsInTime(CancellationToken cancellationToken, out bool posted)
    {
        bool hasNews = _spin.UntilChanged(ref Page.Done, _seenDone, _owned.Home.Responses, cancellationToken);
        posted = hasNews && !IsDone && _owned.Home.Responses.TryWait();
        return hasNews;
    }

    /// <summary>Goes on as far as possible without waiting.</summary>
    /// <param name="posted">Whether a post of RES was taken since the last step.</param>
    /// <returns>True once the answer stands.</returns>
    private bool Advance(bool posted)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        _seenDone = Volatile.Read(ref Page.Done);
        if (_isAsked)
        {
            _owned.Home.Prefetch();
            return AnswerStands(posted);
        }

        if (NothingIsOutstanding(posted) && (_request.Kind != RequestKind.List || _owned.Control.IsResponderAlive))
        {
            Ask();
        }
        else if (GivesUpAt.HasPassed)
        {
            throw NeverAsked();
        }
        else if (WaitsForResponder && !_owned.HomeStands)
        {
            ReHome();
        }

        return false;
    }

    private bool NothingIsOutstanding(bool posted)
    {
        switch (_outstanding)
        {
            case Outstanding.ExtendedAnswer when IsDone || !_owned.Control.IsTakerAlive:
            case Outstanding.BasicAnswer when posted:
                _outstanding = Outstanding.Nothing;
                break;

            // The basic responder is gone with the names, or another has come: nobody can tell what it may still write, so it keeps the old home.
            case Outstanding.BasicAnswer when _owned.Control.IsResponderAlive || !_owned.HomeStands:
                ReHome();
                break;
        }

        return _outstanding == Outstanding.Nothing;
    }

    private void Ask()
    {
        if (!_lastWasExtended && !_owned.HomeStands)
        {
            ReHome();
        }

        Home home = _owned.Home;
        long now = Environment.TickCount64;
        if (!_lastWasExtended || now != _lengthsCheckedAt)
        {
            // A basic peer sets lengths as it likes, and what is beyond them kills whoever touches it. One of the extended level has no reason to:
            // there it is enough to look once in a tick of the coarse clock.
            home.Header.EnsureLength(HeaderWords.Size);
            home.Data.EnsureLength(_nameLength);
            _lengthsCheckedAt = now;
        }

        _ticket = _ticket == ulong.MaxValue ? 1 : _ticket + 1;
        _isAsked = true;
        // No post that is there can be of use, and one of REQ would bring a responder to HEAD and DATA while they are written.
        Home.Drain(home.Requests);
        Home.Drain(home.Responses);
        FaultPoint.Pass(Step.AskDrained);

        WriteName(home.Data);
        FaultPoint.Pass(Step.AskNameWritten);
        home.Words = HeaderWords.ForRequest(_nameLength);
        FaultPoint.Pass(Step.AskHeaderWritten);

        ref ControlPage page = ref Page;
        page.Wants = (uint)_request.Kind;
        page.Flags = MayStream ? ControlPage.MayStream : 0;
        page.AskedAtMilliseconds = (ulong)now;
        page.Pending = _ticket;
        FaultPoint.Pass(Step.AskPendingWritten);
        Volatile.Write(ref page.Ticket, _ticket);
        FaultPoint.Pass(Step.AskTicketWritten);
        home.Requests.Release();
        FaultPoint.Pass(Step.AskPosted);
    }

    private void WriteName(SharedMemory data)
    {
        ReadOnlySpan<byte> name = _name.AsSpan(0, _nameLength);
        if (_options.Trust == PeerTrust.Untrusted)
        {
            data.Write(0, name);
        }
        else
        {
            name.CopyTo(data.GetSpan(0, _nameLength));
        }
    }

    private bool AnswerStands(bool posted)
    {
        if (posted)
        {
            FaultPoint.Pass(Step.AnswerPostTaken);
        }

        if (IsDone)
        {
            FaultPoint.Pass(Step.AnswerSeen);
            _answer.CopyExtended(_owned.Home, Page);
            if (_answer.IsHandedBack)
            {
                return AskAnew();
            }

            // A token that the responder did not need would bring a basic one to HEAD and DATA while they are read.
            Home.Drain(_owned.Home.Requests);
            _isAsked = false;
            _lastWasExtended = true;
            return true;
        }

        if (MayStream && IsStarted && TryBeginStream())
        {
            return true;
        }

        if (posted)
        {
            if (BasicAnswerStands())
            {
                return true;
            }

            if (++_strayPosts > Limits.StrayPosts)
            {
                throw Limits.TooManyStrayPosts(Channel.ResponseSemaphore);
            }
        }

        return LookAround();
    }

    private bool BasicAnswerStands()
    {
        // A responder of the extended level says taken before it touches HEAD: what was read before that is no answer of its.
        if (IsTaken || !_answer.TryCopyBasic(_owned.Home) || IsTaken)
        {
            return false;
        }

        // Accepting is a withdrawal too: one that attached meanwhile and took the ticket is left to finish.
        Volatile.Write(ref Page.Ticket, 0);
        Interlocked.MemoryBarrier();
        FaultPoint.Pass(Step.BasicTicketCleared);
        if (IsTaken)
        {
            return false;
        }

        Page.Pending = 0;
        FaultPoint.Pass(Step.BasicPendingCleared);
        _isAsked = false;
        _lastWasExtended = false;
        return true;
    }

    /// <summary>What no post tells: that the responder died, that the names are gone, that the time is up.</summary>
    private bool LookAround()
    {
        if (IsTaken)
        {
            if (!_owned.Control.IsTakerAlive)
            {
                // It may have finished before it died.
                if (IsDone)
                {
                    return AnswerStands(posted: false);
                }

                // Responders that die as fast as they come must not carry a request beyond its deadline.
                if (_request.FailWhenPeerIsLost || !GivesUpAt.HasPassed)
                {
                    AskTheNext();
                    return false;
                }
            }
        }
        else if (!_owned.HomeStands && !GivesUpAt.HasPassed)
        {
            // A basic responder posts before it unlinks on its way out.
            if (_owned.Home.Responses.TryWait() && BasicAnswerStands())
            {
                return true;
            }

            return AskAnew();
        }

        return GivesUpAt.HasPassed ? throw NotAnswered() : false;
    }

    /// <summary>Whether <see cref="LookAround"/> would find anything. Asked while an asynchronous request waits, on another thread.</summary>
    private bool HasReasonToLook() =>
        !_isAsked
        || IsDone
        || (MayStream && IsStarted)
        || (IsTaken ? !_owned.Control.IsTakerAlive : !_owned.HomeStands);

    /// <summary>Asks on new objects, since a responder of the basic level may still write to the old ones.</summary>
    private bool AskAnew()
    {
        _isAsked = false;
        ReHome();
        if (GivesUpAt.HasPassed)
        {
            throw NotAnswered();
        }

        Ask();
        return false;
    }

    private void AskTheNext()
    {
        if (_request.FailWhenPeerIsLost)
        {
            throw new PeerLostException($"The responder{ControlSegment.WithProcessId(_owned.Control.TakerProcessId)} ended before it answered '{NameText}' on the channel '{Channel}'.");
        }

        Ask();
    }
}
