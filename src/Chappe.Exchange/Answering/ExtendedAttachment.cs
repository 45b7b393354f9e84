using System.Diagnostics.CodeAnalysis;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The connection to a requester of the extended level: CTRL, the lock on the responder's byte of it, and the home.</summary>
internal sealed class ExtendedAttachment : Attachment
{
    private readonly ControlSegment _control;
    private readonly SegmentLock _lock;
    private readonly ulong _incarnation;
    private ulong _generation;
    private ulong _ticket;
    private ulong _seenTicket;
    private bool _postMayBeLeft;
    private long _lengthsCheckedAt = -1;

    private ExtendedAttachment(
        ChannelName channel,
        ResponderOptions options,
        ControlSegment control,
        SegmentLock responderLock,
        ulong incarnation,
        Home home,
        ulong generation)
        : base(channel, options, home)
    {
        _control = control;
        _lock = responderLock;
        _incarnation = incarnation;
        _generation = generation;
    }

    internal override ExchangeLevel Level => ExchangeLevel.Extended;

    private ref ControlPage Page => ref _control.Page;

    /// <summary>Attaches to the home that CTRL describes; null if it is not complete. Unless the result is null, it owns CTRL and the lock.</summary>
    internal static ExtendedAttachment? Attach(
        ChannelName channel,
        ResponderOptions options,
        ControlSegment control,
        SegmentLock responderLock,
        ulong incarnation)
    {
        if (!TryOpenHome(channel, options, control, out Home? home, out ulong generation))
        {
            return null;
        }

        FaultPoint.Pass(Step.AttachOpened);
        return new ExtendedAttachment(channel, options, control, responderLock, incarnation, home, generation);
    }

    /// <summary>
    /// Writes a new incarnation to CTRL. This must follow the lock at once: until then the requester sees the lock of this responder as that of the responder
    /// that took the last ticket, and waits for it.
    /// </summary>
    /// <returns>The new incarnation.</returns>
    internal static ulong Announce(ControlSegment control)
    {
        ulong incarnation = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
        ref ControlPage page = ref control.Page;
        page.ResponderProcessId = (uint)Environment.ProcessId;
        FaultPoint.Pass(Step.AttachProcessWritten);
        Volatile.Write(ref page.Incarnation, incarnation);
        Interlocked.MemoryBarrier();
        FaultPoint.Pass(Step.AttachIncarnationWritten);
        return incarnation;
    }

    internal override bool FindRequest(Wake wake, TakenRequest request)
    {
        // A hostile requester could keep this loop running. The limit ends it with an error, as for a flood of posts.
        for (int attempts = 0; attempts <= Limits.MaxTakeAttempts; attempts++)
        {
            ulong ticket = Volatile.Read(ref Page.Ticket);
            _seenTicket = ticket;
            Home.Prefetch();
            if (Volatile.Read(ref Page.Generation) != _generation)
            {
                if (!TryFollow())
                {
                    return false;
                }
            }
            else if (ticket == 0 || ticket == Page.Taken)
            {
                return false;
            }
            else if (TryTake(ticket) && TryRead(request))
            {
                FaultPoint.Pass(Step.NameRead);

                // The ticket is written before the post. Unless this wait took the post, it is still in REQ or about to come.
                _postMayBeLeft = wake != Wake.Post;
                return true;
            }
        }

        throw new ProtocolException($"The requester of the channel '{Channel}' replaces its requests faster than they can be taken. Stop that program, or choose another channel.");
    }

    /// <summary>The spin watches CTRL, because a requester writes the ticket before it posts REQ. The requester drains the unused post.</summary>
    internal override Wake? Spin(AdaptiveSpin spin, CancellationToken cancellationToken)
    {
        NamedSemaphore requests = Home.Requests;
        if (spin.UntilChanged(ref Page.Ticket, _seenTicket, requests, cancellationToken))
        {
            return Volatile.Read(ref Page.Ticket) != _seenTicket ? Wake.Ticket
                : requests.TryWait() ? Wake.Post
                : null;
        }

        // This post most likely belongs to the request that was taken without it, so it counts only as a reason to check the ticket.
        bool mayBeLeft = _postMayBeLeft;
        _postMayBeLeft = false;
        return mayBeLeft && requests.TryWait() ? Wake.Ticket : null;
    }

    internal override bool IsStillValid() =>
        _control.IsOpen
        && (_control.IsRequesterAlive || (SharedMemory.TryGetStatus(Channel.HeaderSegment, out FileStatus header) && header.Inode == Page.HeaderInode));

    protected override bool NeedsCheck()
    {
        ulong ticket = Volatile.Read(ref Page.Ticket);
        return (ticket != 0 && ticket != Page.Taken) || Volatile.Read(ref Page.Generation) != _generation || !IsStillValid();
    }

    /// <summary>A requester of the extended level has no reason to change lengths, so one check in each tick of the coarse clock is enough.</summary>
    internal override bool LengthsMayHaveChanged()
    {
        long now = Environment.TickCount64;
        bool mayHave = now != _lengthsCheckedAt;
        _lengthsCheckedAt = now;
        return mayHave;
    }

    internal override void Complete(in Answer answer)
    {
        Write(answer);
        Post();
    }

    internal override void Fail(ResponseStatus status, string message)
    {
        Home.Words = default;
        AnswerLines.WriteError(ref Page, status, PayloadKind.Error, message);
        Post();
    }

    internal override void Start(in Answer answer)
    {
        Write(answer);
        Page.Progress = 0;
        Volatile.Write(ref Page.Started, _ticket);
        FaultPoint.Pass(Step.StartedWritten);
        Home.Responses.Release();
    }

    internal override bool Advance(long length)
    {
        Volatile.Write(ref Page.Progress, (ulong)length);
        FaultPoint.Pass(Step.ProgressWritten);

        // Wakes a requester that blocks. If it spins, the post costs one instruction.
        Home.Responses.Release();
        return Volatile.Read(ref Page.Ticket) == _ticket;
    }

    internal override void CompleteStarted() => Post();

    /// <summary>Changes only the status and the message, because the requester may be copying the lines that Start wrote.</summary>
    internal override void FailStarted(ResponseStatus status, string message)
    {
        AnswerLines.WriteMessage(ref Page, message);
        Volatile.Write(ref Page.Status, (uint)status);
        Post();
    }

    public override void Dispose()
    {
        base.Dispose();
        _lock.Dispose();
        _control.Dispose();
    }

    /// <summary>Takes the request, and hands it back without touching HEAD and DATA if it was withdrawn meanwhile.</summary>
    /// <returns>False if the request was handed back.</returns>
    private bool TryTake(ulong ticket)
    {
        _ticket = ticket;
        Page.Taker = _incarnation;
        FaultPoint.Pass(Step.TakerWritten);
        Volatile.Write(ref Page.Taken, ticket);
        FaultPoint.Pass(Step.TakenWritten);

        // The counterpart of the barrier in the requester's withdrawal: at least one of the two sees the other's write.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref Page.Ticket) == ticket && Home.Words.IsUntouchedRequest)
        {
            return true;
        }

        // The request was withdrawn, or a basic responder has it and has begun to overwrite the name with its answer.
        AnswerLines.WriteError(ref Page, ResponseStatus.Cancelled, PayloadKind.None, "The request was withdrawn.");
        Post();
        return false;
    }

    /// <summary>Copies the request, and answers an invalid one with an error.</summary>
    /// <returns>False if the request is invalid.</returns>
    private bool TryRead(TakenRequest request)
    {
        uint wants = Page.Wants;
        request.Kind = (RequestKind)wants;
        request.MayStream = (Page.Flags & ControlPage.MayStream) != 0;
        if (wants > (uint)RequestKind.List)
        {
            Fail(ResponseStatus.Unsupported, $"This responder does not know requests of kind {wants}.");
            return false;
        }

        if (!request.TryCopyName(Home, request.Kind == RequestKind.List, Options.Trust, LengthsMayHaveChanged()))
        {
            Fail(ResponseStatus.InvalidName, $"The request's name does not have 1 to {Limits.NameLength:N0} bytes, or is longer than DATA.");
            return false;
        }

        return true;
    }

    /// <summary>Moves to the requester's new home.</summary>
    /// <returns>False if the new home is not complete yet.</returns>
    private bool TryFollow()
    {
        if (!TryOpenHome(Channel, Options, _control, out Home? home, out ulong generation))
        {
            return false;
        }

        FaultPoint.Pass(Step.FollowOpened);
        Home former = Home;
        (Home, _generation) = (home, generation);
        former.Dispose();
        return true;
    }

    private void Write(in Answer answer)
    {
        Home.Words = HeaderWords.For(answer.Header);
        FaultPoint.Pass(Step.HeaderWritten);
        AnswerLines.Write(ref Page, answer);
        FaultPoint.Pass(Step.StatusWritten);
    }

    private void Post()
    {
        Volatile.Write(ref Page.Done, _ticket);
        FaultPoint.Pass(Step.DoneWritten);
        Home.Responses.Release();
        FaultPoint.Pass(Step.ResponsePosted);
    }

    private static bool TryOpenHome(
        ChannelName channel,
        ResponderOptions options,
        ControlSegment control,
        [NotNullWhen(true)] out Home? home,
        out ulong generation)
    {
        home = null;
        generation = Volatile.Read(ref control.Page.Generation);
        if (generation == 0 || !Home.TryOpen(channel, control.Page, options.Access, options.MaxPayloadLength, out home))
        {
            return false;
        }

        // The requester may have moved to another home meanwhile.
        if (Volatile.Read(ref control.Page.Generation) == generation)
        {
            return true;
        }

        home.Dispose();
        home = null;
        return false;
    }
}
