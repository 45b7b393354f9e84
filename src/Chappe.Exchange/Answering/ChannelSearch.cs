using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Finds the channel of a requester, locks it for this responder, and attaches to it.</summary>
internal sealed class ChannelSearch(ChannelName channel, ResponderOptions options) : IDisposable
{
    /// <summary>A CTRL to which this responder is not attached, because another responder serves the channel or the home is not complete yet.</summary>
    private ControlSegment? _candidate;
    private SegmentLock? _lock;
    private ulong _incarnation;

    /// <summary>Tries once to attach.</summary>
    /// <param name="state">The result.</param>
    /// <returns>Null unless <paramref name="state"/> is <see cref="ResponderState.Attached"/>.</returns>
    internal Attachment? Attach(out ResponderState state)
    {
        Attachment? attachment = FindCandidate() ? AttachToCandidate() : AttachToBasicRequester();
        state = attachment is not null ? ResponderState.Attached
            : _candidate is not null && _lock is null ? ResponderState.StandingBy
            : ResponderState.WaitingForRequester;
        return attachment;
    }

    public void Dispose() => DropCandidate();

    /// <returns>True if CTRL exists. <see cref="_candidate"/> is null even then if the requester is closing the channel.</returns>
    private bool FindCandidate()
    {
        if (_candidate is { IsOpen: false })
        {
            DropCandidate();
        }

        if (_candidate is null && !ControlSegment.TryOpen(channel.ControlSegment, options.Access, out _candidate))
        {
            return false;
        }

        if (!_candidate.IsOpen)
        {
            DropCandidate();
        }

        return true;
    }

    private Attachment? AttachToCandidate()
    {
        if (_candidate is null)
        {
            return null;
        }

        if (_lock is null)
        {
            _lock = _candidate.TryLockAsResponder();
            if (_lock is null)
            {
                return null;
            }

            FaultPoint.Pass(Step.AttachLocked);
            _incarnation = ExtendedAttachment.Announce(_candidate);
        }

        if (ExtendedAttachment.Attach(channel, options, _candidate, _lock, _incarnation) is { } attachment)
        {
            (_candidate, _lock) = (null, null);
            return attachment;
        }

        return AttachBesideDeadRequester(_candidate);
    }

    /// <summary>
    /// Attaches to a basic requester that started after a requester of the extended level died. CTRL then has no owner, and describes another HEAD than the
    /// one that exists.
    /// </summary>
    private BasicAttachment? AttachBesideDeadRequester(ControlSegment control)
    {
        if (control.IsRequesterAlive
            || !SharedMemory.TryGetStatus(channel.HeaderSegment, out FileStatus header)
            || header.Inode == control.Page.HeaderInode)
        {
            return null;
        }

        BasicAttachment? attachment = BasicAttachment.Attach(channel, options);
        if (attachment is not null)
        {
            DropCandidate();
        }

        return attachment;
    }

    private BasicAttachment? AttachToBasicRequester()
    {
        // A requester of the extended level creates CTRL before HEAD. If HEAD exists and CTRL still does not, HEAD belongs to a basic requester.
        if (!SharedMemory.TryGetStatus(channel.HeaderSegment, out _) || SharedMemory.TryGetStatus(channel.ControlSegment, out _))
        {
            return null;
        }

        BasicAttachment? attachment = BasicAttachment.Attach(channel, options);
        if (attachment is not null && SharedMemory.TryGetStatus(channel.ControlSegment, out _))
        {
            // A requester of the extended level has started meanwhile, and the objects may be its home.
            attachment.Dispose();
            return null;
        }

        return attachment;
    }

    private void DropCandidate()
    {
        _lock?.Dispose();
        _candidate?.Dispose();
        (_candidate, _lock) = (null, null);
    }
}
