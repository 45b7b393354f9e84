namespace Chappe.Exchange;

/// <summary>A response that is read while the client still writes the rest of it.</summary>
public sealed partial class Requester
{
    private bool _isStreaming;
    private ulong _progress;

    /// <summary>The client has said everything but the payload.</summary>
    private bool IsStarted => IsTaken && Volatile.Read(ref Page.Started) == _ticket;

    private void BeginStream()
    {
        _answer.CopyExtended(_owned.Home, Page);
        Home.Drain(_owned.Home.Requests);
        _isStreaming = true;
        _isAsked = false;
    }

    /// <summary>
    /// How many bytes of the response stand; no wait. The last one stands only with the end of the answer: whoever has read all knows that nothing went wrong.
    /// </summary>
    internal long AvailableLength(ulong ticket)
    {
        if (!_isStreaming)
        {
            return _answer.Header.Length;
        }

        ObjectDisposedException.ThrowIf(!IsCurrent(ticket), typeof(Response));
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

        _isStreaming = false;
        _lastWasExtended = true;
        return _answer.Header.Length;
    }

    /// <summary>Waits until the first bytes of the response stand.</summary>
    internal void WaitFor(ulong ticket, long length, CancellationToken cancellationToken)
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

    /// <inheritdoc cref="WaitFor"/>
    internal async ValueTask WaitForAsync(ulong ticket, long length, CancellationToken cancellationToken)
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

    private bool HasAdvancedInTime(CancellationToken cancellationToken) =>
        _spin.UntilChanged(ref Page.Progress, _progress, _owned.Home.Responses, cancellationToken) && Volatile.Read(ref Page.Progress) != _progress;

    /// <summary>What stood when the client ended may be consumed: nobody else is asked.</summary>
    private void ThrowIfLost()
    {
        if (!_owned.Control.IsTakerAlive && !IsDone)
        {
            throw new PeerLostException(
                $"The client with process id {Page.ClientProcessId} ended in the middle of '{NameText}' on the channel '{Channel}'.");
        }

        if (GivesUpAt.HasPassed && !IsDone)
        {
            throw new TimeoutException($"The rest of '{NameText}' did not come on the channel '{Channel}' in time.");
        }
    }
}
