using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Finding a requester's channel, standing by, attaching, following, detaching.</summary>
public sealed partial class Responder
{
    private Attachment? _attachment;

    /// <summary>CTRL that was seen and is not attached to: another responder serves it, or its home is not there yet.</summary>
    private ControlSegment? _candidate;
    private SegmentLock? _candidateLock;
    private ulong _candidateIncarnation;

    /// <summary>One look for a channel to attach to.</summary>
    private bool TryAttach()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (_candidate is not null && !IsOpen(_candidate))
        {
            DropCandidate();
        }

        if (_candidate is null && !ControlSegment.TryOpen(Channel.ControlSegment, _options.Access, out _candidate))
        {
            return TryAttachToBasicRequester() || Enter(ResponderState.WaitingForRequester);
        }

        if (!IsOpen(_candidate))
        {
            DropCandidate();
            return Enter(ResponderState.WaitingForRequester);
        }

        if (_candidateLock is null)
        {
            _candidateLock = _candidate.TryLockAsResponder();
            if (_candidateLock is null)
            {
                return Enter(ResponderState.StandingBy);
            }

            FaultPoint.Pass(Step.AttachLocked);
            _candidateIncarnation = Attachment.Announce(_candidate);
        }

        _attachment = Attachment.TryExtended(Channel, _options, _candidate, _candidateLock, _candidateIncarnation);
        if (_attachment is not null)
        {
            (_candidate, _candidateLock) = (null, null);
            return Enter(ResponderState.Attached);
        }

        return TryAttachBesideDeadRequester() || Enter(ResponderState.WaitingForRequester);
    }

    private bool TryAttachToBasicRequester()
    {
        // A requester of ours makes CTRL before HEAD: whoever sees HEAD and then still no CTRL sees a basic requester's.
        if (!SharedMemory.TryGetStatus(Channel.HeaderSegment, out _) || SharedMemory.TryGetStatus(Channel.ControlSegment, out _))
        {
            return false;
        }

        _attachment = Attachment.TryBasic(Channel, _options);
        if (_attachment is not null && SharedMemory.TryGetStatus(Channel.ControlSegment, out _))
        {
            // A requester of ours came meanwhile, and what was opened may be its home.
            _attachment.Dispose();
            _attachment = null;
        }

        return _attachment is not null && Enter(ResponderState.Attached);
    }

    /// <summary>A basic requester that came after one of ours had died: its HEAD stands where CTRL, which nobody owns, describes another.</summary>
    private bool TryAttachBesideDeadRequester()
    {
        if (_candidate!.IsRequesterAlive
            || !SharedMemory.TryGetStatus(Channel.HeaderSegment, out FileStatus header)
            || header.Inode == _candidate.Page.HeaderInode)
        {
            return false;
        }

        _attachment = Attachment.TryBasic(Channel, _options);
        if (_attachment is null)
        {
            return false;
        }

        DropCandidate();
        return Enter(ResponderState.Attached);
    }

    /// <summary>Its home is not one to answer in at the basic level: neither side would learn of the other's death.</summary>
    private bool HasRequesterOfTheExtendedLevel()
    {
        if (!ControlSegment.TryOpen(Channel.ControlSegment, _options.Access, out ControlSegment? control))
        {
            return false;
        }

        using (control)
        {
            return control.IsRequesterAlive;
        }
    }

    /// <summary>While idle: whether what this is attached to still is the channel.</summary>
    private bool IsStillTheChannel(Attachment attachment)
    {
        if (attachment.Control is { } control)
        {
            return IsOpen(control)
                && (control.IsRequesterAlive || (SharedMemory.TryGetStatus(Channel.HeaderSegment, out FileStatus header) && header.Inode == control.Page.HeaderInode));
        }

        return NamedSemaphore.TryGetStatus(Channel.RequestSemaphore, out FileStatus requests)
            && requests.Inode == attachment.Home.Requests.Status.Inode
            && (!SharedMemory.TryGetStatus(Channel.ControlSegment, out _) || attachment.Home.Header.GetStatus().LinkCount > 0);
    }

    /// <summary>Whether a look as after a post would find anything. Asked while an asynchronous receive waits, on another thread.</summary>
    private bool HasReasonToLook()
    {
        // Dispose ends a wait on the home that it finds. The receive may have moved to another one since.
        if (Volatile.Read(ref _isDisposed) != 0)
        {
            return true;
        }

        Attachment attachment = _attachment!;
        if (attachment.Control is { } control)
        {
            ulong ticket = Volatile.Read(ref control.Page.Ticket);
            if ((ticket != 0 && ticket != control.Page.Taken) || Volatile.Read(ref control.Page.Generation) != attachment.Generation)
            {
                return true;
            }
        }

        return _owesBasicAnswer || !IsStillTheChannel(attachment);
    }

    private static bool IsOpen(ControlSegment control) =>
        Volatile.Read(ref control.Page.State) != ChannelState.Closed && control.IsLinked;

    private void Detach()
    {
        _attachment?.Dispose();
        _attachment = null;
        _owesBasicAnswer = false;
        Enter(ResponderState.WaitingForRequester);
    }

    private void LetGo()
    {
        _attachment?.Dispose();
        _private?.Dispose();
        DropCandidate();
    }

    private void DropCandidate()
    {
        _candidateLock?.Dispose();
        _candidate?.Dispose();
        (_candidate, _candidateLock) = (null, null);
    }

    /// <returns>True if this is <see cref="ResponderState.Attached"/>.</returns>
    private bool Enter(ResponderState state)
    {
        if (_state != state)
        {
            _state = state;
            _options.StateChanged?.Invoke(state);
        }

        return state == ResponderState.Attached;
    }
}
