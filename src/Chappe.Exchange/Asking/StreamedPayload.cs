using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The payload of a response. It can be read while the responder still writes the rest.</summary>
internal sealed class StreamedPayload(RequesterExchange exchange, OwnedChannel channel, PostedRequest posted, Lifetime lifetime, AdaptiveSpin spin)
{
    /// <summary>The process that streams the payload. It is kept here because CTRL may already contain its successor when an error message needs it.</summary>
    internal uint ResponderProcessId { get; set; }

    private ref ControlPage Page => ref channel.Control.Page;

    /// <summary>
    /// The number of bytes that have arrived. The last byte counts as arrived only when the answer is complete, so a reader of the whole payload knows that the
    /// responder did not fail.
    /// </summary>
    internal long AvailableLength(ulong number) => AvailableLength(number, out _, out _);

    /// <summary>Waits until the first bytes of the payload have arrived.</summary>
    internal void WaitFor(ulong number, long length, CancellationToken cancellationToken)
    {
        if (!BeginWait(number))
        {
            return;
        }

        try
        {
            while (!HasArrived(number, length, out ulong progress))
            {
                if (!SpinForProgress(progress, cancellationToken))
                {
                    channel.Home.Responses.Wait(exchange.NextCheck(), cancellationToken);
                    ThrowIfLost();
                }
            }
        }
        finally
        {
            lifetime.Leave();
        }
    }

    /// <inheritdoc cref="WaitFor"/>
    internal async ValueTask WaitForAsync(ulong number, long length, CancellationToken cancellationToken)
    {
        if (!BeginWait(number))
        {
            return;
        }

        try
        {
            while (!HasArrived(number, length, out ulong progress))
            {
                if (!SpinForProgress(progress, cancellationToken))
                {
                    await channel.Home.Responses.WaitAsync(exchange.NextCheck(), cancellationToken).ConfigureAwait(false);
                    ThrowIfLost();
                }
            }
        }
        finally
        {
            lifetime.Leave();
        }
    }

    /// <summary>Keeps the memory mapped during a wait, because another thread may dispose the response and then the requester.</summary>
    /// <returns>False if no wait is necessary, because the response is complete.</returns>
    private bool BeginWait(ulong number)
    {
        if (exchange.IsStreaming(number))
        {
            lifetime.Enter();
            return true;
        }

        ObjectDisposedException.ThrowIf(!exchange.IsCurrent(number), typeof(Response));
        return false;
    }

    private bool HasArrived(ulong number, long length, out ulong progress)
    {
        bool hasArrived = AvailableLength(number, out progress, out bool isComplete) >= length;
        if (isComplete)
        {
            exchange.EndStream(number);
        }

        return hasArrived;
    }

    private long AvailableLength(ulong number, out ulong progress, out bool isComplete)
    {
        // The order matters: another thread that disposes the response leaves the state Streaming first.
        bool isStreaming = exchange.IsStreaming(number);
        ObjectDisposedException.ThrowIf(!exchange.IsCurrent(number), typeof(Response));
        (progress, isComplete) = (0, true);
        if (!isStreaming)
        {
            return exchange.Answer.Header.Length;
        }

        lifetime.ThrowIfEnded();
        isComplete = posted.IsDone;
        if (isComplete)
        {
            return exchange.Answer.FailureOf(Page) is { } failure ? throw failure : exchange.Answer.Header.Length;
        }

        progress = Volatile.Read(ref Page.Progress);
        return (long)Math.Min(progress, (ulong)Math.Max(0, exchange.Answer.Header.Length - 1));
    }

    private bool SpinForProgress(ulong progress, CancellationToken cancellationToken) =>
        spin.UntilChanged(ref Page.Progress, progress, channel.Home.Responses, cancellationToken) && Volatile.Read(ref Page.Progress) != progress;

    /// <summary>Throws if the rest of the payload cannot arrive. The request is not posted again, because the caller may already have used the first bytes.</summary>
    private void ThrowIfLost()
    {
        if (posted.IsDone)
        {
            return;
        }

        if (!channel.Control.IsTakerAlive && !posted.IsDone)
        {
            throw new PeerLostException(
                $"The responder{ControlSegment.WithProcessId(ResponderProcessId)} ended in the middle of '{exchange.NameText}' on the channel '{channel.Name}'.");
        }

        if (exchange.GetDeadline().HasPassed && !posted.IsDone)
        {
            throw new TimeoutException($"The rest of '{exchange.NameText}' did not arrive on the channel '{channel.Name}' in time.");
        }
    }
}
