using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The payload of a response, which may be read while the responder still writes the rest of it.</summary>
internal sealed class StreamedPayload(RequesterExchange exchange, OwnedChannel channel, PostedRequest posted, Lifetime lifetime, AdaptiveSpin spin)
{
    /// <summary>The process that streams. CTRL may name its successor by the time a message needs it.</summary>
    internal uint ResponderProcessId { get; set; }

    private ref ControlPage Page => ref channel.Control.Page;

    /// <summary>
    /// How many bytes of the response are there, without waiting. The last one is there only with the end of the answer: a reader of all bytes knows
    /// that the responder did not fail.
    /// </summary>
    internal long AvailableLength(ulong number) => AvailableLength(number, out _, out _);

    /// <summary>Waits until the first bytes of the response are there.</summary>
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

    /// <summary>
    /// Holds the memory for the time of a wait, in which another thread may dispose the response and then the requester.
    /// </summary>
    /// <returns>False if there is nothing to wait for: the response is complete.</returns>
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
        // In this order: another thread that disposes the response first ends the streaming, then the response.
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

    /// <summary>Bytes that arrived before the responder died may be consumed already, so the request is not asked again.</summary>
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
