using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>What a responder may still write to HEAD and DATA although its request was given up.</summary>
internal enum Outstanding
{
    Nothing,

    /// <summary>A responder of the extended level has taken the last ticket and has not written done.</summary>
    ExtendedAnswer,

    /// <summary>The post of the last request is gone and no responder of the extended level took it: one of the basic level may be at work.</summary>
    BasicAnswer,
}

/// <summary>
/// The request in shared memory: written, taken, done, withdrawn. It knows when HEAD and DATA belong to the requester; <see cref="RequesterExchange"/>
/// decides what to do.
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

    /// <summary>What an earlier request left. The next one is posted when it is <see cref="Outstanding.Nothing"/>.</summary>
    internal Outstanding Outstanding { get; private set; }

    /// <summary>A responder of the extended level has the request.</summary>
    internal bool IsTaken => Volatile.Read(ref Page.Taken) == _ticket;

    /// <summary>The responder has written everything but the payload, which follows.</summary>
    internal bool IsStarted => IsTaken && Volatile.Read(ref Page.Started) == _ticket;

    /// <summary>The answer of a responder of the extended level is complete.</summary>
    internal bool IsDone => Volatile.Read(ref Page.Done) == _ticket;

    private ref ControlPage Page => ref _channel.Control.Page;

    /// <summary>Makes sure that HEAD and DATA are there and long enough. Nothing may be outstanding.</summary>
    internal void Prepare(int nameLength)
    {
        if (!_lastAnswerWasExtended && !_channel.IsHomeIntact)
        {
            ReHome();
        }

        // A basic peer sets lengths as it likes, and a touch beyond them kills the process. A peer of the extended level has no reason to: one look in a
        // tick of the coarse clock is enough.
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

        // No post from before is of use, and one of REQ would bring a responder to HEAD and DATA while they are written.
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

    /// <summary>Takes the answer of a responder of the extended level: <see cref="IsDone"/>, or <see cref="IsStarted"/>.</summary>
    internal void Accept()
    {
        // The responder did not need this post. It would bring one of the basic level to HEAD and DATA while they are read.
        Home.Drain(_channel.Home.Requests);
        _lastAnswerWasExtended = true;
    }

    /// <summary>
    /// Takes the answer of a responder of the basic level, if HEAD is one. Accepting is a withdrawal too: a responder of the extended level that attached
    /// meanwhile and took the ticket is left to finish.
    /// </summary>
    internal bool TryAcceptBasic(AnswerCopy answer)
    {
        // A responder of the extended level writes taken before it touches HEAD: what was read before that is not its answer.
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
    /// Takes the request back. The barrier is one half of a pair: a responder writes taken and then reads the ticket again, so at least one of the two
    /// sees the other.
    /// </summary>
    internal void Withdraw()
    {
        Volatile.Write(ref Page.Ticket, 0);
        Interlocked.MemoryBarrier();

        // Before anything can fail: a responder that has the request may still write to HEAD and DATA.
        Outstanding = IsTaken ? Outstanding.ExtendedAnswer : Outstanding.Nothing;
        FaultPoint.Pass(Step.WithdrawTicketCleared);
        if (IsTaken || IsDone)
        {
            // The responder did not need this post. It would bring one of the basic level, which may come at any time, to HEAD and DATA. A flood of
            // posts cannot be drained: the next request reports it.
            _ = Home.TryDrain(_channel.Home.Requests);
            Outstanding = IsDone ? Outstanding.Nothing : Outstanding.ExtendedAnswer;
        }
        else
        {
            // A responder of the extended level that has the post, or will have it, finds no ticket.
            Outstanding = _channel.Home.Requests.TryWait() || _channel.Control.IsResponderAlive ? Outstanding.Nothing : Outstanding.BasicAnswer;
            _lastAnswerWasExtended = false;
        }

        if (Outstanding == Outstanding.Nothing)
        {
            Page.Pending = 0;
            FaultPoint.Pass(Step.WithdrawPendingCleared);
        }
    }

    /// <summary>Looks whether what is outstanding has come to its end.</summary>
    /// <param name="posted">Whether a post of RES was taken since the last look.</param>
    internal void Settle(bool posted)
    {
        switch (Outstanding)
        {
            case Outstanding.ExtendedAnswer when IsDone || !_channel.Control.IsTakerAlive:
            case Outstanding.BasicAnswer when posted:
                Outstanding = Outstanding.Nothing;
                break;

            // The responder of the basic level is gone with the names, or another responder has come. What the first may still write cannot be known,
            // so it keeps the old home.
            case Outstanding.BasicAnswer when _channel.Control.IsResponderAlive || !_channel.IsHomeIntact:
                ReHome();
                break;
        }
    }

    /// <summary>Leaves HEAD, DATA and the semaphores to whatever still uses them, and makes new ones.</summary>
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
