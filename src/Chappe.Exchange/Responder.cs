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
public sealed partial class Responder : IDisposable, IAsyncDisposable
{
    private readonly ResponderOptions _options;
    private readonly UseCount _uses;
    private readonly AdaptiveSpin _spin;
    private readonly Func<bool> _hasReasonToLook;
    private int _isDisposed;
    private ResponderState? _state;

    private Responder(ChannelName channel, ResponderOptions options)
    {
        Channel = channel;
        _options = options;
        _spin = new AdaptiveSpin { Budget = options.SpinBudget };
        _uses = new UseCount(LetGo);
        _hasReasonToLook = HasReasonToLook;
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
                cancellationToken.WaitHandle.WaitOne(Limits.LookAround);
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
                await Task.Delay(Limits.LookAround, cancellationToken).ConfigureAwait(false);
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
        BeginReceive();
        try
        {
            var wake = Wake.Start;
            while (!TryTake(wake))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_attachment is null)
                {
                    cancellationToken.WaitHandle.WaitOne(Limits.LookAround);
                    wake = Wake.Silence;
                }
                else
                {
                    wake = HasNewsInTime(cancellationToken) ?? (_attachment.Home.Requests.Wait(Limits.LookAround, cancellationToken) ? Wake.Post : Wake.Silence);
                }
            }

            return CurrentRequest();
        }
        catch
        {
            EndReceive();
            throw;
        }
    }

    /// <inheritdoc cref="Receive"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Request> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        BeginReceive();
        try
        {
            var wake = Wake.Start;
            while (!TryTake(wake))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_attachment is null)
                {
                    await Task.Delay(Limits.LookAround, cancellationToken).ConfigureAwait(false);
                    wake = Wake.Silence;
                }
                else
                {
                    wake = HasNewsInTime(cancellationToken)
                        ?? (await _attachment.Home.Requests.WaitAsync(Deadline.Infinite, Limits.LookAround, _hasReasonToLook, cancellationToken).ConfigureAwait(false) ? Wake.Post : Wake.Silence);
                }
            }

            return CurrentRequest();
        }
        catch
        {
            EndReceive();
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
            Exception? exception = await HandleAsync(handler, request, cancellationToken).ConfigureAwait(false);
            if (!isForList)
            {
                answered++;
                served?.Invoke(_summary with { Name = Encoding.UTF8.GetString(NameBytes), Elapsed = Stopwatch.GetElapsedTime(start), Exception = exception });
            }
        }
    }

    /// <summary>Detaches. A request in hand can still be answered; then the next responder takes over.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            // Whoever waits for a request on another thread gets ObjectDisposedException.
            _attachment?.Home.Requests.Dispose();
            _uses.Leave();
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

    /// <returns>What the handler threw, if it did.</returns>
    private static async ValueTask<Exception?> HandleAsync(IRequestHandler handler, Request request, CancellationToken cancellationToken)
    {
        try
        {
            await handler.HandleAsync(request, cancellationToken).ConfigureAwait(false);
            if (request.IsUnanswered)
            {
                request.Fail(ResponseStatus.Internal, "The responder's handler did not answer.");
            }

            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            FailIfUnanswered(request, ResponseStatus.Cancelled, "The responder was stopped.");
            throw;
        }
#pragma warning disable CA1031 // A request that fails must not end the run. The exception reaches the caller in the summary.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            (ResponseStatus status, string message) = Failures.Describe(exception);
            FailIfUnanswered(request, status, message);
            return exception;
        }
    }

    private static void FailIfUnanswered(Request request, ResponseStatus status, string message)
    {
        if (request.IsUnanswered)
        {
            request.Fail(status, message);
        }
    }
}
