using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>
/// A channel from its owner's side: birth or adoption, the lock on CTRL, new homes, and the end. Only the owner creates and unlinks the channel's objects, and it
/// unlinks only those whose inodes it has recorded.
/// </summary>
internal sealed class OwnedChannel : IDisposable
{
    /// <summary>How long to wait for a requester that is closing the channel.</summary>
    private static readonly TimeSpan ClosingPatience = TimeSpan.FromSeconds(2);

    private readonly RequesterOptions _options;
    private readonly SharedObjectOptions _access;
    private SegmentLock _lock;

    /// <summary>Serializes new homes with the end of the channel, so that no thread creates objects after another has closed the channel.</summary>
    private readonly Lock _gate = new();
    private bool _isClosed;

    /// <summary>The generation of <see cref="Home"/>. CTRL contains it too, but a peer may overwrite it.</summary>
    private ulong _generation;

    /// <summary>Control segments whose name another program removed. They stay mapped, because other threads may still read them.</summary>
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

    /// <summary>The ticket of an earlier owner that a responder still works on; 0 for none.</summary>
    internal ulong InheritedTicket { get; private set; }

    /// <summary>Whether responders can find this home: the channel's names lead to it, and CTRL describes it.</summary>
    internal bool IsHomeIntact => IsHomeDescribed && Control.IsStillNamed && Home.IsIntact(Name, Home.Inodes);

    /// <summary>False if a peer has overwritten fields that only the owner writes.</summary>
    private bool IsHomeDescribed
    {
        get
        {
            ref ControlPage page = ref Control.Page;
            return Volatile.Read(ref page.State) == ChannelState.Open && Volatile.Read(ref page.Generation) == _generation && HomeInodes.In(page) == Home.Inodes;
        }
    }

    /// <summary>Creates the channel, or adopts it if its requester has died.</summary>
    /// <exception cref="ChannelInUseException">The channel has a living requester, or a requester of the basic level.</exception>
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
        new($"The channel '{channel}' cannot be created: '{name}' exists. It belongs to a requester of the basic level, which may or may not be alive. "
            + $"If none is running, remove it (chappe remove {channel}) or take it over (--takeover, RequesterOptions.TakeOver).");

    /// <summary>Creates new semaphores, HEAD and DATA under the same names. Attached responders of the extended level move to them.</summary>
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

            // The order matters: an adopter writes to an open home in which nothing is pending, and a responder may still write to this one.
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

    /// <summary>Closes the channel, removes its names and wakes the responder. The memory stays mapped until <see cref="Dispose"/>.</summary>
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
    /// Creates a new CTRL after another program removed the name of the current one, which cannot be linked again. Responders find the old one closed, and attach
    /// again.
    /// </summary>
    private void ReplaceControl()
    {
        ControlSegment control = ControlSegment.CreateUnnamed(Name.ControlSegment, _access);
        SegmentLock? requesterLock = null;
        try
        {
            requesterLock = LockUnpublished(control);

            // A process that adopts the channel has to know which objects to unlink.
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
                throw new ChannelInUseException($"The channel '{Name}' was removed, and another requester has created it again. Choose another channel, or stop that requester.");
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
    /// Wakes the responder that waits on an abandoned home, so that it reads the generation and the state. A responder of the basic level must not get this post: it
    /// would take it for a request, and its own last answer for the name.
    /// </summary>
    private void WakeResponder(Home? home)
    {
        if (home is not null && Control.IsResponderAlive)
        {
            home.Requests.Release();
        }
    }

    private static SegmentLock LockUnpublished(ControlSegment control) =>
        control.TryLockAsRequester() ?? throw new ProtocolException("The new control segment is locked by another process before it is published.");

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
            // The adoption may have opened a home.
            owned?.Dispose();
            requesterLock?.Dispose();
            control.Dispose();
            throw;
        }

        // The owner is closing the channel: it has unlinked CTRL since it was opened here, or is about to unlink it.
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

    /// <summary>
    /// Removes the objects of a requester of the basic level, or refuses to. HEAD or DATA without CTRL belongs to such a requester, and there is no way to know
    /// whether it is alive.
    /// </summary>
    private static void RefuseOrEvictBasicRequester(ChannelName channel, bool takeOver, SharedObjectOptions access)
    {
        foreach (string segment in (ReadOnlySpan<string>)[channel.HeaderSegment, channel.DataSegment])
        {
            // Opening the segment checks its owner: an object of another user causes an exception that names that user.
            if (SharedMemory.TryOpenExisting(segment, out SharedMemory? opened, ControlSegment.OpenOptions(access)))
            {
                opened.Dispose();

                // A requester of the extended level may have created the channel in the meantime.
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

        // The trace context belongs to a request of the earlier owner.
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

    /// <summary>
    /// Unlinks the home that CTRL describes, which may be that of a dead owner or an incomplete one, and the home that this owner created, because a peer may have
    /// overwritten CTRL.
    /// </summary>
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

        // 0 means that there is no home. The number of the last home would keep its responder there, so it is skipped too: a peer may have overwritten the field.
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
