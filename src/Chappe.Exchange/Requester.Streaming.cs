namespace Chappe.Exchange;

/// <summary>A response that is read while the responder still writes the rest of it.</summary>
public sealed partial class Requester
{
    private bool _isStreaming;
    private ulong _progress;

    /// <summary>Of the responder that streams. By the time it is asked for, its successor's may stand in CTRL.</summary>
    private uint _streamingProcessId;

    /// <summary>What an untrusted responder still writes cannot be read in place.</summary>
    private bool MayStream => _request.Streams && _options.Trust == PeerTrust.Trusted;

    /// <summary>The responder has said everything but the payload.</summary>
    private bool IsStarted => IsTaken && Volatile.Read(ref Page.Started) == _ticket;

    /// <returns>False if there is nothing to read along: the answer is empty, or the responder has failed already. The end of it follows.</returns>
    private bool TryBeginStream()
    {
        _answer.CopyExtended(_owned.Home, Page);
        _streamingProcessId = _owned.Control.TakerProcessId;
        if (!_answer.HasPayload)
        {
            return false;
        }

        // Readers on several threads are to find it set.
        _ = GivesUpAt;
        Home.Drain(_owned.Home.Requests);
        _isStreaming = true;
        _isAsked = false;
        return true;
    }

    /// <summary>
    /// How many bytes of the response stand; no wait. The last one stands only with the end of the answer: whoever has read all knows that nothing went wrong.
    /// </summary>
    internal long AvailableLength(ulong ticket)
    {
        // In this order: a response that another thread disposes in mid-stream streams no longer, and is no longer current before.
        bool isStreaming = Volatile.Read(ref _isStreaming);
        ObjectDisposedException.ThrowIf(!IsCurrent(ticket), typeof(Response));
        if (!isStreaming)
        {
            return _answer.Header.Length;
        }

        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (!IsDone)
        {
            _progress = Volatile.Read(ref Page.Progress);
            return (long)Math.Min(_progress, (ulong)Math.Max(0, _answer.Header.Length - 1));
        }

        if (_answer.FailureOf(Page) is { } failure)
        {
            throw failure;
        }

        Volatile.Write(ref _isStreaming, false);
        _lastWasExtended = true;
        return _answer.Header.Length;
    }

    /// <summary>Waits until the first bytes of the response stand.</summary>
    internal void WaitFor(ulong ticket, long length, CancellationToken cancellationToken)
    {
        if (!IsToWaitFor(ticket, length))
        {
            return;
        }

        try
        {
            while (AvailableLength(ticket) < length)
            {
                if (!HasAdvancedInTime(cancellationToken))
                {
                    _owned.Home.Responses.Wait(NextLook, cancellationToken);
                    ThrowIfLost();
                }
            }
        }
        finally
        {
            _uses.Leave();
        }
    }

    /// <inheritdoc cref="WaitFor"/>
    internal async ValueTask WaitForAsync(ulong ticket, long length, CancellationToken cancellationToken)
    {
        if (!IsToWaitFor(ticket, length))
        {
            return;
        }

        try
        {
            while (AvailableLength(ticket) < length)
            {
                if (!HasAdvancedInTime(cancellationToken))
                {
                    await _owned.Home.Responses.WaitAsync(NextLook, cancellationToken).ConfigureAwait(false);
                    ThrowIfLost();
                }
            }
        }
        finally
        {
            _uses.Leave();
        }
    }

    /// <summary>Enters if so: another thread that disposes the response, and the requester after it, must not take the memory from whoever waits.</summary>
    private bool IsToWaitFor(ulong ticket, long length)
    {
        if (!Volatile.Read(ref _isStreaming))
        {
            ObjectDisposedException.ThrowIf(!IsCurrent(ticket), typeof(Response));
            return false;
        }

        Enter();
        return true;
    }

    private bool HasAdvancedInTime(CancellationToken cancellationToken) =>
        _spin.UntilChanged(ref Page.Progress, _progress, _owned.Home.Responses, cancellationToken) && Volatile.Read(ref Page.Progress) != _progress;

    /// <summary>What stood when the responder ended may be consumed: nobody else is asked.</summary>
    private void ThrowIfLost()
    {
        if (!_owned.Control.IsTakerAlive && !IsDone)
        {
            throw new PeerLostException(
                $"The responder{ControlSegment.WithProcessId(_streamingProcessId)} ended in the middle of '{NameText}' on the channel '{Channel}'.");
        }

        if (GivesUpAt.HasPassed && !IsDone)
        {
            throw new TimeoutException($"The rest of '{NameText}' did not come on the channel '{Channel}' in time.");
        }
    }
}
