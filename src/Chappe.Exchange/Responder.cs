using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The responder: it attaches to a requester's channel and answers its requests, one at a time.</summary>
/// <remarks>
/// <para>It creates and unlinks nothing. When its requester ends it goes back to waiting for the next by itself; a requester that adopts the channel finds it attached.</para>
/// <para>Of several responders of one channel one serves, the others stand by.</para>
/// <para>Members may be called from any thread, one receive at a time. <see cref="Dispose"/> is safe at any moment, also under a request in hand.</para>
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

    /// <summary>The channel.</summary>
    public ChannelName Channel { get; }

    /// <summary>Whether requests come here.</summary>
    public ResponderState State => _state ?? ResponderState.WaitingForRequester;

    /// <summary>Waits for a requester's channel and attaches to it.</summary>
    /// <param name="channel">The channel, by its name or by the names of its objects.</param>
    /// <param name="options">How long to wait, and the largest payload.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">There was none within <see cref="ResponderOptions.Timeout"/>, or another responder serves it.</exception>
    /// <exception cref="UnauthorizedAccessException">The channel belongs to another user.</exception>
    /// <exception cref="ProtocolException">The channel's control segment is of another version, or none at all.</exception>
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

    /// <summary>Waits for the next request, and for the next requester when there is none.</summary>
    /// <returns>The request. Answer it, or dispose it, before the next.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ProtocolException">The channel is flooded with posts that mean nothing, or is of another version.</exception>
    /// <exception cref="InvalidOperationException">The last request is not answered.</exception>
    /// <exception cref="ObjectDisposedException">The responder is disposed, or was while waiting.</exception>
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
    /// <param name="handler">Answers each.</param>
    /// <param name="cancellationToken">Ends the run, after the request in hand.</param>
    /// <inheritdoc cref="RunAsync(IRequestHandler, long?, Action{ServedRequest}?, CancellationToken)" path="/*[not(self::param)]"/>
    public ValueTask RunAsync(IRequestHandler handler, CancellationToken cancellationToken) => RunAsync(handler, null, null, cancellationToken);

    /// <summary>Answers requests until so many are answered, or it is cancelled. A request for the list of names is answered, and not counted.</summary>
    /// <param name="handler">Answers each.</param>
    /// <param name="count">How many to answer; null for no limit.</param>
    /// <param name="served">Told of each after its answer is out.</param>
    /// <param name="cancellationToken">Ends the run, after the request in hand.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The responder is disposed, or was while waiting.</exception>
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

    /// <summary>Detaches. A request in hand can still be answered; then the next responder takes over.</summary>
    public void Dispose()
    {
        if (_lifetime.TryEnd())
        {
            // A receive that waits on another thread gets ObjectDisposedException.
            Volatile.Read(ref _attachment)?.Home.Requests.Dispose();
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
                ? $"Another responder serves the channel '{Channel}'."
                : $"There is no requester on the channel '{Channel}'.");
        }
    }

    private static Wake PauseUntilNextCheck(CancellationToken cancellationToken)
    {
        cancellationToken.WaitHandle.WaitOne(Limits.CheckInterval);
        return Wake.Silence;
    }

    /// <summary>Attaches if there is a channel to attach to.</summary>
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

    /// <summary>Looks for a request, and for a channel first if this is not attached to one.</summary>
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

        // In silence, and after a post that brought nothing, the requester may have ended.
        if (wake is Wake.Post or Wake.Silence && !_attachment.IsStillValid())
        {
            _attachment.Dispose();
            _attachment = null;
            Enter(ResponderState.WaitingForRequester);
        }

        return false;
    }

    /// <summary>
    /// The semaphore to block on. <see cref="Dispose"/> wakes a thread that blocks on what it finds attached; what was attached or followed to after it
    /// looked is noticed here. Each side writes first, then reads.
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
