using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Which answer a responder may still write to HEAD and DATA after its request was withdrawn.</summary>
internal enum Outstanding
{
    Nothing,

    /// <summary>A responder of the extended level has taken the last ticket, and has not yet written done.</summary>
    ExtendedAnswer,

    /// <summary>The post of the last request was taken, but not by a responder of the extended level: a responder of the basic level may be working on it.</summary>
    BasicAnswer,
}

/// <summary>
/// The request in shared memory. It posts, accepts and withdraws a request, and tracks when HEAD and DATA belong to the requester. What happens next is the
/// decision of <see cref="RequesterExchange"/>.
/// </summary>
internal sealed class PostedRequest
{
    private readonly OwnedChannel _channel;
    private readonly PeerTrust _trust;
    private bool _lastAnswerWasExtended;
    private long _preparedAt = -1;
    private ulong _ticket;

    internal PostedRequest(OwnedChannel channel, PeerTrust trust)
    {
        _channel = channel;
        _trust = trust;
        Outstanding = channel.InheritedTicket != 0 ? Outstanding.ExtendedAnswer : Outstanding.Nothing;
        _ticket = channel.InheritedTicket != 0 ? channel.InheritedTicket : (ulong)Random.Shared.NextInt64();
    }

    /// <summary>The answer that an earlier request left outstanding. The next request must not be posted until it is <see cref="Outstanding.Nothing"/>.</summary>
    internal Outstanding Outstanding { get; private set; }

    /// <summary>Whether a responder of the extended level has taken the request.</summary>
    internal bool IsTaken => Volatile.Read(ref Page.Taken) == _ticket;

    /// <summary>Whether the responder has started a streamed answer: everything but the payload is written.</summary>
    internal bool IsStarted => IsTaken && Volatile.Read(ref Page.Started) == _ticket;

    /// <summary>Whether a responder of the extended level has completed the answer.</summary>
    internal bool IsDone => Volatile.Read(ref Page.Done) == _ticket;

    private ref ControlPage Page => ref _channel.Control.Page;

    /// <summary>Ensures that the home is intact and that HEAD and DATA are long enough. No answer may be outstanding.</summary>
    internal void Prepare(int nameLength)
    {
        if (!_lastAnswerWasExtended && !_channel.IsHomeIntact)
        {
            ReHome();
        }

        // A basic peer may truncate a segment, and an access beyond the end of the file kills the process. A peer of the extended level has no reason to
        // truncate, so one check in each tick of the coarse clock is enough.
        long now = Environment.TickCount64;
        if (!_lastAnswerWasExtended || now != _preparedAt)
        {
            _channel.Home.Header.EnsureLength(HeaderWords.Size);
            _channel.Home.Data.EnsureLength(nameLength);
        }

        _preparedAt = now;
    }

    /// <summary>Writes a request under a new ticket and posts REQ.</summary>
    internal void Post(ReadOnlySpan<byte> name, RequestKind kind, bool mayStream)
    {
        Home home = _channel.Home;
        _ticket = _ticket == ulong.MaxValue ? 1 : _ticket + 1;

        // Earlier posts are useless, and one in REQ would make a responder read HEAD and DATA while they are written.
        Home.Drain(home.Requests);
        Home.Drain(home.Responses);
        FaultPoint.Pass(Step.AskDrained);

        WriteName(home.Data, name);
        FaultPoint.Pass(Step.AskNameWritten);
        home.Words = HeaderWords.ForRequest(name.Length);
        FaultPoint.Pass(Step.AskHeaderWritten);

        ref ControlPage page = ref Page;
        page.Wants = (uint)kind;
        page.Flags = mayStream ? ControlPage.MayStream : 0;
        page.AskedAtMilliseconds = (ulong)_preparedAt;
        page.Pending = _ticket;
        FaultPoint.Pass(Step.AskPendingWritten);
        Volatile.Write(ref page.Ticket, _ticket);
        FaultPoint.Pass(Step.AskTicketWritten);
        home.Requests.Release();
        FaultPoint.Pass(Step.AskPosted);
    }

    /// <summary>Accepts the answer of a responder of the extended level, which is complete (<see cref="IsDone"/>) or started (<see cref="IsStarted"/>).</summary>
    internal void Accept()
    {
        // The responder may not have taken the post. A responder of the basic level that took it would write to HEAD and DATA while they are read.
        Home.Drain(_channel.Home.Requests);
        _lastAnswerWasExtended = true;
    }

    /// <summary>
    /// Accepts the answer of a responder of the basic level. This includes a withdrawal, because a responder of the extended level may attach and take the
    /// ticket at the same time.
    /// </summary>
    /// <returns>False if HEAD has no such answer, or a responder of the extended level has taken the ticket.</returns>
    internal bool TryAcceptBasic(AnswerCopy answer)
    {
        // A responder of the extended level writes taken before it writes to HEAD. If taken is another ticket after the copy, the copy is not its answer.
        if (IsTaken || !answer.TryCopyBasic(_channel.Home) || IsTaken)
        {
            return false;
        }

        Volatile.Write(ref Page.Ticket, 0);
        Interlocked.MemoryBarrier();
        FaultPoint.Pass(Step.BasicTicketCleared);
        if (IsTaken)
        {
            return false;
        }

        Page.Pending = 0;
        FaultPoint.Pass(Step.BasicPendingCleared);
        _lastAnswerWasExtended = false;
        return true;
    }

    /// <summary>
    /// Withdraws the request. The barrier is one half of a pair: a responder writes taken and then reads the ticket again, so at least one of the two sees
    /// the other's write.
    /// </summary>
    internal void Withdraw()
    {
        Volatile.Write(ref Page.Ticket, 0);
        Interlocked.MemoryBarrier();

        // Set before anything can fail, because a responder that has the request may still write to HEAD and DATA.
        Outstanding = IsTaken ? Outstanding.ExtendedAnswer : Outstanding.Nothing;
        FaultPoint.Pass(Step.WithdrawTicketCleared);
        if (IsTaken || IsDone)
        {
            // The responder may not have taken the post. A responder of the basic level that took it would write to HEAD and DATA. If REQ is flooded with
            // posts, the next request reports it.
            _ = Home.TryDrain(_channel.Home.Requests);
            Outstanding = IsDone ? Outstanding.Nothing : Outstanding.ExtendedAnswer;
        }
        else
        {
            // A responder of the extended level ignores the post, because the ticket is cleared.
            Outstanding = _channel.Home.Requests.TryWait() || _channel.Control.IsResponderAlive ? Outstanding.Nothing : Outstanding.BasicAnswer;
            _lastAnswerWasExtended = false;
        }

        if (Outstanding == Outstanding.Nothing)
        {
            Page.Pending = 0;
            FaultPoint.Pass(Step.WithdrawPendingCleared);
        }
    }

    /// <summary>Checks whether the outstanding answer has come, or cannot come any more.</summary>
    /// <param name="posted">Whether a post of RES was taken since the last check.</param>
    internal void Settle(bool posted)
    {
        switch (Outstanding)
        {
            case Outstanding.ExtendedAnswer when IsDone || !_channel.Control.IsTakerAlive:
            case Outstanding.BasicAnswer when posted:
                Outstanding = Outstanding.Nothing;
                break;

            // The responder of the basic level has removed the names, or another responder has attached. The first one may still write to the home, so the
            // channel moves to a new one.
            case Outstanding.BasicAnswer when _channel.Control.IsResponderAlive || !_channel.IsHomeIntact:
                ReHome();
                break;
        }
    }

    /// <summary>Abandons HEAD, DATA and the semaphores to processes that may still use them, and creates new ones.</summary>
    internal void ReHome()
    {
        _channel.ReHome();
        Outstanding = Outstanding.Nothing;
        _lastAnswerWasExtended = false;
    }

    private void WriteName(SharedMemory data, ReadOnlySpan<byte> name)
    {
        if (_trust == PeerTrust.Untrusted)
        {
            data.Write(0, name);
        }
        else
        {
            name.CopyTo(data.GetSpan(0, name.Length));
        }
    }
}
