using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Finds a requester's channel, locks it for this responder, and attaches.</summary>
internal sealed class ChannelSearch(ChannelName channel, ResponderOptions options) : IDisposable
{
    /// <summary>CTRL that was found and is not attached to: another responder serves it, or its home is not there yet.</summary>
    private ControlSegment? _candidate;
    private SegmentLock? _lock;
    private ulong _incarnation;

    /// <summary>One look.</summary>
    /// <param name="state">What it found.</param>
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

    /// <returns>True if CTRL exists, even if <see cref="_candidate"/> is null since its requester is about to leave.</returns>
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

    /// <summary>A basic requester that came after one of the extended level had died: HEAD is another than the one that CTRL, which has no owner, describes.</summary>
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
        // A requester of the extended level makes CTRL before HEAD: HEAD, and then still no CTRL, is a basic requester's.
        if (!SharedMemory.TryGetStatus(channel.HeaderSegment, out _) || SharedMemory.TryGetStatus(channel.ControlSegment, out _))
        {
            return null;
        }

        BasicAttachment? attachment = BasicAttachment.Attach(channel, options);
        if (attachment is not null && SharedMemory.TryGetStatus(channel.ControlSegment, out _))
        {
            // A requester of the extended level came meanwhile, and what was opened may be its home.
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
