using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The side of a channel that answers. It attaches to a requester's channel and answers one request at a time.</summary>
/// <remarks>
/// <para>
/// A responder neither creates nor removes the channel's objects. When its requester ends, it waits for the next one. It stays attached when another requester
/// adopts the channel.
/// </para>
/// <para>If a channel has several responders, one of them serves and the others stand by.</para>
/// <para>
/// All members are thread-safe, but only one receive may be in progress at a time. <see cref="Dispose"/> may be called at any time, even before the current
/// request is answered.
/// </para>
/// </remarks>
public sealed class Responder : IDisposable, IAsyncDisposable
{
    private readonly ResponderOptions _options;
    private readonly Lifetime _lifetime;
    private readonly ChannelSearch _search;
    private readonly ResponderExchange _exchange;
    private readonly AdaptiveSpin _spin;
    private Attachment? _attachment;
    private ResponderState? _state;
    private int _strayPosts;

    private Responder(ChannelName channel, ResponderOptions options)
    {
        Channel = channel;
        _options = options;
        _lifetime = new Lifetime(typeof(Responder), Detach);
        _search = new ChannelSearch(channel, options);
        _exchange = new ResponderExchange(options, _lifetime);
        _spin = new AdaptiveSpin { Budget = options.SpinBudget };
    }

    /// <summary>The name of the channel.</summary>
    public ChannelName Channel { get; }

    /// <summary>Whether the responder is attached, stands by, or waits for a requester.</summary>
    public ResponderState State => _state ?? ResponderState.WaitingForRequester;

    /// <summary>Waits for a requester's channel and attaches to it.</summary>
    /// <param name="channel">The name of the channel, or the names of its objects.</param>
    /// <param name="options">The timeout, the maximum payload length and other options; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="TimeoutException">
    /// No requester created the channel within <see cref="ResponderOptions.Timeout"/>, or another responder served it all that time.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The channel belongs to another user.</exception>
    /// <exception cref="ProtocolException">The object with the control segment's name is not a control segment, or has an unsupported protocol version.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Responder Open(ChannelName channel, ResponderOptions? options = null, CancellationToken cancellationToken = default)
    {
        Responder responder = Make(channel, options, out Deadline deadline);
        try
        {
            while (!responder.TryAttach())
            {
                responder.ThrowIfLate(deadline);
                cancellationToken.WaitHandle.WaitOne(Limits.CheckInterval);
                cancellationToken.ThrowIfCancellationRequested();
            }

            return responder;
        }
        catch
        {
            responder.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Open"/>
    public static async ValueTask<Responder> OpenAsync(ChannelName channel, ResponderOptions? options = null, CancellationToken cancellationToken = default)
    {
        Responder responder = Make(channel, options, out Deadline deadline);
        try
        {
            while (!responder.TryAttach())
            {
                responder.ThrowIfLate(deadline);
                await Task.Delay(Limits.CheckInterval, cancellationToken).ConfigureAwait(false);
            }

            return responder;
        }
        catch
        {
            responder.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the next request. If the requester ends meanwhile, waits for the next requester.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The request. Answer or dispose it before the next receive.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProtocolException">The requester violated the protocol, or the channel has an unsupported protocol version.</exception>
    /// <exception cref="InvalidOperationException">The last request is not answered, or another receive is in progress.</exception>
    /// <exception cref="ObjectDisposedException">The responder was disposed before or during the call.</exception>
    public Request Receive(CancellationToken cancellationToken = default)
    {
        _exchange.BeginReceive();
        _strayPosts = 0;
        try
        {
            var wake = Wake.Start;
            while (!FindRequest(wake))
            {
                cancellationToken.ThrowIfCancellationRequested();
                wake = _attachment is { } attachment
                    ? attachment.Spin(_spin, cancellationToken)
                        ?? (Doorbell(attachment).Wait(Limits.CheckInterval, cancellationToken) ? Wake.Post : Wake.Silence)
                    : PauseUntilNextCheck(cancellationToken);
            }

            return _exchange.Deliver(_attachment!);
        }
        catch
        {
            _exchange.End();
            throw;
        }
    }

    /// <inheritdoc cref="Receive"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Request> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        _exchange.BeginReceive();
        _strayPosts = 0;
        try
        {
            var wake = Wake.Start;
            while (!FindRequest(wake))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_attachment is not { } attachment)
                {
                    await Task.Delay(Limits.CheckInterval, cancellationToken).ConfigureAwait(false);
                    wake = Wake.Silence;
                }
                else if (attachment.Spin(_spin, cancellationToken) is { } news)
                {
                    wake = news;
                }
                else
                {
                    bool posted = await Doorbell(attachment)
                        .WaitAsync(Deadline.Infinite, Limits.CheckInterval, attachment.NeedsCheckCallback, cancellationToken).ConfigureAwait(false);
                    wake = posted ? Wake.Post : Wake.Silence;
                }
            }

            return _exchange.Deliver(_attachment!);
        }
        catch
        {
            _exchange.End();
            throw;
        }
    }

    /// <summary>Answers requests until it is cancelled.</summary>
    /// <param name="handler">The handler that answers each request.</param>
    /// <param name="cancellationToken">Ends the loop. The handler that is running receives the token too.</param>
    /// <inheritdoc cref="RunAsync(IRequestHandler, long?, Action{ServedRequest}?, CancellationToken)" path="/*[not(self::param)]"/>
    public ValueTask RunAsync(IRequestHandler handler, CancellationToken cancellationToken) => RunAsync(handler, null, null, cancellationToken);

    /// <summary>Answers a number of requests, or all until it is cancelled. Requests for the list of names are answered but not counted.</summary>
    /// <param name="handler">The handler that answers each request. A request that it leaves unanswered, or for which it throws, fails with a status.</param>
    /// <param name="count">The number of requests to answer; null for no limit.</param>
    /// <param name="served">Called after each request is answered; null if not needed.</param>
    /// <param name="cancellationToken">Ends the loop. The handler that is running receives the token too.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The responder was disposed before or during the call.</exception>
    public async ValueTask RunAsync(IRequestHandler handler, long? count = null, Action<ServedRequest>? served = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        for (long answered = 0; count is null || answered < count;)
        {
            using Request request = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
            bool isForList = request.Kind == RequestKind.List;
            long start = Stopwatch.GetTimestamp();
            Exception? exception = await HandlerCall.RunAsync(handler, request, cancellationToken).ConfigureAwait(false);
            if (!isForList)
            {
                answered++;
                served?.Invoke(_exchange.Summary with { Name = Encoding.UTF8.GetString(_exchange.Request.Name), Elapsed = Stopwatch.GetElapsedTime(start), Exception = exception });
            }
        }
    }

    /// <summary>Detaches from the channel. The current request can still be answered; the next responder takes over after that.</summary>
    public void Dispose()
    {
        if (_lifetime.TryEnd())
        {
            // Wakes a receive that waits on another thread, which then throws ObjectDisposedException.
            Volatile.Read(ref _attachment)?.Home.Requests.Dispose();
            _exchange.Retire();
            _lifetime.Leave();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static Responder Make(ChannelName channel, ResponderOptions? options, out Deadline deadline)
    {
        ArgumentNullException.ThrowIfNull(channel);
        options ??= new ResponderOptions();
        deadline = Deadline.After(options.Timeout);
        return new Responder(channel, options);
    }

    private void ThrowIfLate(Deadline deadline)
    {
        if (deadline.HasPassed)
        {
            throw new TimeoutException(State == ResponderState.StandingBy
                ? $"Another responder serves the channel '{Channel}'. Stop it, or allow a longer timeout."
                : $"The channel '{Channel}' has no requester. Start one, or allow a longer timeout.");
        }
    }

    private static Wake PauseUntilNextCheck(CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne(Limits.CheckInterval);
        return Wake.Silence;
    }

    /// <summary>Attaches unless already attached.</summary>
    /// <returns>False if no channel is available.</returns>
    private bool TryAttach()
    {
        _lifetime.ThrowIfEnded();
        if (_attachment is null)
        {
            _attachment = _search.Attach(out ResponderState state);
            Enter(state);
        }

        return _attachment is not null;
    }

    /// <summary>Takes the request that is there, after attaching to a channel if necessary.</summary>
    /// <returns>False if there is none.</returns>
    private bool FindRequest(Wake wake)
    {
        if (wake == Wake.Post)
        {
            FaultPoint.Pass(Step.RequestPostTaken);
        }

        if (!TryAttach())
        {
            return false;
        }

        if (_attachment!.FindRequest(wake, _exchange.Request))
        {
            return true;
        }

        if (wake is Wake.Post or Wake.Ticket && ++_strayPosts > Limits.MaxStrayPosts)
        {
            throw Limits.TooManyStrayPosts(Channel.RequestSemaphore);
        }

        // A wait without a post, or a post without a request, may mean that the requester has ended.
        if (wake is Wake.Post or Wake.Silence && !_attachment.IsStillValid())
        {
            _attachment.Dispose();
            _attachment = null;
            Enter(ResponderState.WaitingForRequester);
        }

        return false;
    }

    /// <summary>
    /// The semaphore to block on. <see cref="Dispose"/> marks the end and then disposes the semaphore of the current home. A thread that changed the home after
    /// that sees the mark here: each side writes before it reads.
    /// </summary>
    private NamedSemaphore Doorbell(Attachment attachment)
    {
        Interlocked.MemoryBarrier();
        _lifetime.ThrowIfEnded();
        return attachment.Home.Requests;
    }

    private void Enter(ResponderState state)
    {
        if (_state != state)
        {
            _state = state;
            _options.StateChanged?.Invoke(state);
        }
    }

    private void Detach()
    {
        _attachment?.Dispose();
        _search.Dispose();
        _exchange.Dispose();
    }
}
