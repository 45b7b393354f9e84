using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>
/// A channel as its owner has it: taken at birth or by adoption, held by the lock on CTRL, given a new home when the old one is lost, ended.
/// The owner alone creates and unlinks, and unlinks only what CTRL says is its own.
/// </summary>
internal sealed class OwnedChannel : IDisposable
{
    /// <summary>How long to wait for a requester that is just closing.</summary>
    private static readonly TimeSpan ClosingPatience = TimeSpan.FromSeconds(2);

    private readonly RequesterOptions _options;
    private readonly SharedObjectOptions _access;
    private SegmentLock _lock;

    /// <summary>Between making a home on one thread and ending the channel on another, which must find nothing made after it.</summary>
    private readonly Lock _gate = new();
    private bool _isClosed;

    /// <summary>The number of <see cref="Home"/>. CTRL has it too, but a peer may write there.</summary>
    private ulong _generation;

    /// <summary>Pages whose name somebody removed: others of this process may still look at them.</summary>
    private readonly List<ControlSegment> _replacedControls = [];

    private OwnedChannel(ChannelName channel, RequesterOptions options, ControlSegment control, SegmentLock requesterLock)
    {
        Name = channel;
        _options = options;
        _access = options.Access;
        _lock = requesterLock;
        Control = control;
        Home = null!;
    }

    internal ChannelName Name { get; }

    internal ControlSegment Control { get; private set; }

    internal Home Home { get; private set; }

    /// <summary>The ticket that a responder of an earlier owner took and still works on; 0 for none.</summary>
    internal ulong InheritedTicket { get; private set; }

    /// <summary>Whether responders still find this home: the channel's names lead to it, and CTRL describes it.</summary>
    internal bool IsHomeIntact => IsHomeDescribed && Control.IsStillNamed && Home.IsIntact(Name, Home.Inodes);

    /// <summary>False after a peer overwrote what only the owner writes.</summary>
    private bool IsHomeDescribed
    {
        get
        {
            ref ControlPage page = ref Control.Page;
            return Volatile.Read(ref page.State) == ChannelState.Open && Volatile.Read(ref page.Generation) == _generation && HomeInodes.In(page) == Home.Inodes;
        }
    }

    /// <summary>Makes the channel, or adopts one whose requester is gone.</summary>
    /// <exception cref="ChannelInUseException">It has a living requester, or one of the basic level.</exception>
    internal static OwnedChannel Acquire(ChannelName channel, RequesterOptions options)
    {
        Deadline patience = Deadline.After(ClosingPatience);
        while (true)
        {
            OwnedChannel? owned = ControlSegment.TryOpen(channel.ControlSegment, options.Access, out ControlSegment? control)
                ? Adopt(channel, options, control, patience)
                : Create(channel, options);
            if (owned is not null)
            {
                return owned;
            }
        }
    }

    internal static ChannelInUseException InUseByBasicRequester(ChannelName channel, string name) =>
        new($"The channel '{channel}' cannot be made: '{name}' exists. It belongs to a requester that does not say whether it is alive, or was left by one. "
            + $"If none is running, remove it (chappe remove {channel}) or take it over (--takeover, RequesterOptions.TakeOver).");

    /// <summary>Makes new semaphores, HEAD and DATA under the same names. Responders of the extended level that are attached come along.</summary>
    internal void ReHome()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Requester));
            if (!Control.IsStillNamed)
            {
                ReplaceControl();
            }

            ref ControlPage page = ref Control.Page;
            Volatile.Write(ref page.Ticket, 0);
            FaultPoint.Pass(Step.ReHomeTicketCleared);

            // In this order: whoever adopts an open home in which nothing is pending writes to it, and a responder may still be at work there.
            Volatile.Write(ref page.State, ChannelState.Building);
            FaultPoint.Pass(Step.ReHomeStateWritten);
            Volatile.Write(ref page.Pending, 0);
            UnlinkHome();
            FaultPoint.Pass(Step.ReHomeUnlinked);

            Home? old = Home;
            MakeHome();
            InheritedTicket = 0;

            WakeResponder(old);
            FaultPoint.Pass(Step.ReHomePosted);
            old?.Dispose();
        }
    }

    /// <summary>Ends the channel: responders are told, the names are gone. The memory stays until <see cref="Dispose"/>.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            ref ControlPage page = ref Control.Page;
            Volatile.Write(ref page.Ticket, 0);
            Volatile.Write(ref page.State, ChannelState.Closed);
            FaultPoint.Pass(Step.CloseStateWritten);
            UnlinkHome();
            FaultPoint.Pass(Step.CloseHomeUnlinked);
            if (Control.IsStillNamed)
            {
                SharedMemory.Delete(Name.ControlSegment);
            }

            FaultPoint.Pass(Step.CloseControlUnlinked);
            WakeResponder(Home);
            FaultPoint.Pass(Step.ClosePosted);
        }
    }

    public void Dispose()
    {
        Home?.Dispose();
        _lock.Dispose();
        Control.Dispose();
        _replacedControls.ForEach(control => control.Dispose());
    }

    /// <summary>
    /// Makes another CTRL where somebody removed the name of this one: it cannot be linked again. Responders see the old one closed and attach anew.
    /// </summary>
    private void ReplaceControl()
    {
        ControlSegment control = ControlSegment.CreateUnnamed(Name.ControlSegment, _access);
        SegmentLock? requesterLock = null;
        try
        {
            requesterLock = LockUnpublished(control);

            // Whoever adopts it has to know what to unlink.
            HomeInodes.In(Control.Page).WriteTo(ref control.Page);
            control.Publish();
            FaultPoint.Pass(Step.ControlReplaced);
        }
        catch (Exception exception)
        {
            requesterLock?.Dispose();
            control.Dispose();
            if (exception is PosixException { Error: PosixError.AlreadyExists })
            {
                throw new ChannelInUseException($"The channel '{Name}' was removed, and another requester has made it anew.");
            }

            throw;
        }

        Volatile.Write(ref Control.Page.Ticket, 0);
        Volatile.Write(ref Control.Page.State, ChannelState.Closed);
        UnlinkHome();
        WakeResponder(Home);
        _replacedControls.Add(Control);
        _lock.Dispose();
        (Control, _lock) = (control, requesterLock);
    }

    /// <summary>
    /// Wakes a responder that waits on a home that is left, to look at generation and state. One of the basic level would take the post for a request and read a name where its
    /// own answer stands.
    /// </summary>
    private void WakeResponder(Home? home)
    {
        if (home is not null && Control.IsResponderAlive)
        {
            home.Requests.Release();
        }
    }

    private static SegmentLock LockUnpublished(ControlSegment control) =>
        control.TryLockAsRequester() ?? throw new ProtocolException("A segment that nobody can see is locked.");

    private static OwnedChannel? Adopt(ChannelName channel, RequesterOptions options, ControlSegment control, Deadline patience)
    {
        SegmentLock? requesterLock = null;
        OwnedChannel? owned = null;
        try
        {
            requesterLock = control.TryLockAsRequester();
            if (requesterLock is null)
            {
                WaitOrThrowIfAlive(channel, control, patience);
            }
            else if (control.IsStillNamed)
            {
                owned = new OwnedChannel(channel, options, control, requesterLock);
                owned.AdoptHome();
                return owned;
            }
        }
        catch
        {
            // Adoption may have opened a home.
            owned?.Dispose();
            requesterLock?.Dispose();
            control.Dispose();
            throw;
        }

        // The departing owner unlinked it between our opening and our locking, or is about to.
        requesterLock?.Dispose();
        control.Dispose();
        return null;
    }

    private static void WaitOrThrowIfAlive(ChannelName channel, ControlSegment control, Deadline patience)
    {
        bool isLeaving = Volatile.Read(ref control.Page.State) == ChannelState.Closed || !control.IsStillNamed;
        if (!isLeaving || patience.HasPassed)
        {
            int processId = (int)control.Page.RequesterProcessId;
            throw new ChannelInUseException(
                $"The channel '{channel}' is in use by the requester with process id {processId}. Stop it, or choose another channel.", processId);
        }

        Thread.Sleep(1);
    }

    private static OwnedChannel? Create(ChannelName channel, RequesterOptions options)
    {
        RefuseOrEvictBasicRequester(channel, options.TakeOver, options.Access);
        ControlSegment control = ControlSegment.CreateUnnamed(channel.ControlSegment, options.Access);
        FaultPoint.Pass(Step.BirthMade);
        SegmentLock? requesterLock = null;
        try
        {
            requesterLock = LockUnpublished(control);
            FaultPoint.Pass(Step.BirthLocked);
            control.Publish();
            FaultPoint.Pass(Step.BirthPublished);
            var owned = new OwnedChannel(channel, options, control, requesterLock);
            owned.MakeHomeOrClose();
            return owned;
        }
        catch (Exception exception)
        {
            requesterLock?.Dispose();
            control.Dispose();
            if (exception is PosixException { Error: PosixError.AlreadyExists })
            {
                return null;
            }

            throw;
        }
    }

    /// <summary>HEAD or DATA without CTRL belongs to a requester of the basic level, of which nobody can tell whether it lives.</summary>
    private static void RefuseOrEvictBasicRequester(ChannelName channel, bool takeOver, SharedObjectOptions access)
    {
        foreach (string segment in (ReadOnlySpan<string>)[channel.HeaderSegment, channel.DataSegment])
        {
            // Opened, not only looked for: what belongs to another user is neither used nor taken over, and that user is named.
            if (SharedMemory.TryOpenExisting(segment, out SharedMemory? opened, ControlSegment.OpenOptions(access)))
            {
                opened.Dispose();

                // A requester of ours may have been born since CTRL was looked for.
                if (SharedMemory.TryGetStatus(channel.ControlSegment, out _))
                {
                    return;
                }

                if (!takeOver)
                {
                    throw InUseByBasicRequester(channel, segment);
                }

                SharedMemory.Delete(channel.HeaderSegment);
                SharedMemory.Delete(channel.DataSegment);
                NamedSemaphore.Delete(channel.RequestSemaphore);
                NamedSemaphore.Delete(channel.ResponseSemaphore);
                return;
            }
        }
    }

    private void AdoptHome()
    {
        FaultPoint.Pass(Step.AdoptLocked);
        ref ControlPage page = ref Control.Page;
        page.RequesterProcessId = (uint)Environment.ProcessId;

        // It belongs to a request of the earlier owner.
        page.TraceContextLength = 0;

        ulong pending = page.Pending, taken = page.Taken, done = page.Done;
        bool nothingIsOutstanding = pending == 0 || pending == done;
        bool isBeingAnswered = !nothingIsOutstanding && pending == taken && Control.IsTakerAlive;
        ulong generation = page.Generation;
        if (page.State == ChannelState.Open
            && generation != 0
            && (isBeingAnswered || nothingIsOutstanding)
            && Home.TryOpen(Name, page, _access, _options.MaxPayloadLength, out Home? home))
        {
            FaultPoint.Pass(Step.AdoptOpened);
            Home = home;
            _generation = generation;
            InheritedTicket = isBeingAnswered ? taken : 0;
            Volatile.Write(ref page.Ticket, 0);
            Home.Drain(home.Requests);
            Home.Drain(home.Responses);
            FaultPoint.Pass(Step.AdoptDrained);
            return;
        }

        ReHome();
    }

    /// <summary>Both what CTRL says (a home of a dead owner, or one half made) and what is known to be this owner's, since a peer may write to CTRL.</summary>
    private void UnlinkHome()
    {
        Home.Unlink(Name, HomeInodes.In(Control.Page));
        if (Home is not null)
        {
            Home.Unlink(Name, Home.Inodes);
        }
    }

    private void MakeHome()
    {
        ref ControlPage page = ref Control.Page;
        Home = Home.Make(Name, ref page, _access, _options.MaxPayloadLength);

        // 0 means that there is no home. A peer may have written there: the number of the last home would keep its responder in it.
        ulong next = page.Generation;
        do
        {
            next = unchecked(next + 1);
        }
        while (next == 0 || next == _generation);

        _generation = next;
        Volatile.Write(ref page.Generation, next);
        FaultPoint.Pass(Step.HomeGenerationWritten);
        Volatile.Write(ref page.State, ChannelState.Open);
        FaultPoint.Pass(Step.HomeStateWritten);
    }

    private void MakeHomeOrClose()
    {
        try
        {
            MakeHome();
        }
        catch
        {
            Close();
            throw;
        }
    }
}
