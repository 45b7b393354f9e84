using System.Runtime.CompilerServices;
using System.Text;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The side of a channel that asks. It owns the channel and sends one request at a time.</summary>
/// <remarks>
/// <para>Responders may start, die and be replaced at any time. A request goes to the responder that is attached, or the next one, until its deadline.</para>
/// <para>
/// All members are thread-safe, but only one request may be in progress at a time. <see cref="Dispose"/> may be called at any time: a request that waits
/// throws <see cref="ObjectDisposedException"/>, and a response in use stays valid until it is disposed itself.
/// </para>
/// </remarks>
public sealed class Requester : IDisposable, IAsyncDisposable
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly OwnedChannel _owned;
    private readonly Lifetime _lifetime;
    private readonly RequesterExchange _exchange;
    private readonly Func<bool> _needsCheck;

    private Requester(ChannelName channel, RequesterOptions options)
    {
        Channel = channel;
        _owned = OwnedChannel.Acquire(channel, options);
        _lifetime = new Lifetime(typeof(Requester), Unmap);
        _exchange = new RequesterExchange(_owned, options, _lifetime);
        _needsCheck = _exchange.NeedsCheck;
    }

    /// <summary>The name of the channel.</summary>
    public ChannelName Channel { get; }

    /// <summary>Whether a responder of the extended level is attached. Responders of the basic level cannot be detected.</summary>
    /// <exception cref="ObjectDisposedException">The requester is disposed.</exception>
    public bool IsResponderAttached
    {
        get
        {
            _lifetime.Enter();
            try
            {
                return _owned.Control.IsResponderAlive;
            }
            finally
            {
                _lifetime.Leave();
            }
        }
    }

    /// <summary>Creates a channel, or adopts the channel of a requester that died, together with the responders attached to it.</summary>
    /// <param name="channel">The name of the channel, or the names of its objects.</param>
    /// <param name="options">Permissions, timeouts and the maximum payload length; null for the defaults.</param>
    /// <exception cref="ChannelInUseException">
    /// The channel has a living requester, or a requester of the basic level that may be alive (see <see cref="RequesterOptions.TakeOver"/>).
    /// </exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm is full.</exception>
    /// <exception cref="UnauthorizedAccessException">An object with one of the channel's names belongs to another user.</exception>
    /// <exception cref="ProtocolException">The object with the control segment's name is not a control segment, or has an unsupported protocol version.</exception>
    public static Requester Create(ChannelName channel, RequesterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new Requester(channel, options ?? new RequesterOptions());
    }

    /// <summary>Sends a request and waits for the response.</summary>
    /// <param name="name">The name to ask for, 1 to 4096 bytes in UTF-8. A responder that serves files expects the name of a file.</param>
    /// <param name="cancellationToken">Withdraws the request. If a responder still works on it, the next request first waits for that responder to finish.</param>
    /// <returns>The response. Dispose it before the next request.</returns>
    /// <exception cref="ArgumentException">The name is too long, empty, or not valid Unicode.</exception>
    /// <exception cref="RequestFailedException">The responder answered with an error; the status is the reason.</exception>
    /// <exception cref="TimeoutException">The request was not answered within <see cref="RequesterOptions.Timeout"/>.</exception>
    /// <exception cref="PeerLostException">The responder died, and <see cref="RequestOptions.FailWhenPeerIsLost"/> is set.</exception>
    /// <exception cref="ProtocolException">The responder violated the protocol.</exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm has no room for the request.</exception>
    /// <exception cref="InsufficientMemoryException">With <see cref="PeerTrust.Untrusted"/>: this process has too little memory for its copy of the payload.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The last response is not disposed, or another request is in progress.</exception>
    /// <exception cref="ObjectDisposedException">The requester was disposed before or during the call.</exception>
    public Response Request(string name, CancellationToken cancellationToken = default) =>
        Request(name, default, cancellationToken);

    /// <param name="name">The name to ask for, 1 to 4096 bytes in UTF-8.</param>
    /// <param name="options">The kind of answer, the timeout and other options of this request.</param>
    /// <param name="cancellationToken">Withdraws the request.</param>
    /// <inheritdoc cref="Request(string, CancellationToken)" path="/*[not(self::param)]"/>
    [SkipLocalsInit]
    public Response Request(string name, RequestOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        Span<byte> bytes = stackalloc byte[Limits.NameLength];
        return Request(bytes[..Encode(name, bytes)], options, cancellationToken);
    }

    /// <param name="name">The name to ask for, 1 to 4096 bytes. It may be empty for <see cref="RequestKind.List"/>. A responder that serves files expects UTF-8.</param>
    /// <param name="options">The kind of answer, the timeout and other options of this request.</param>
    /// <param name="cancellationToken">Withdraws the request.</param>
    /// <inheritdoc cref="Request(string, CancellationToken)" path="/*[not(self::param)]"/>
    public Response Request(ReadOnlySpan<byte> name, RequestOptions options = default, CancellationToken cancellationToken = default)
    {
        _exchange.Begin(name, options);
        try
        {
            bool posted = false;
            while (!_exchange.Advance(posted))
            {
                posted = Wait(cancellationToken);
            }

            return _exchange.TakeResponse();
        }
        catch
        {
            _exchange.GiveUp();
            throw;
        }
    }

    /// <inheritdoc cref="Request(string, CancellationToken)"/>
    public ValueTask<Response> RequestAsync(string name, CancellationToken cancellationToken = default) =>
        RequestAsync(name, default, cancellationToken);

    /// <inheritdoc cref="Request(string, RequestOptions, CancellationToken)"/>
    [SkipLocalsInit]
    public ValueTask<Response> RequestAsync(string name, RequestOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        Span<byte> bytes = stackalloc byte[Limits.NameLength];
        _exchange.Begin(bytes[..Encode(name, bytes)], options);
        return FinishAsync(cancellationToken);
    }

    /// <inheritdoc cref="Request(ReadOnlySpan{byte}, RequestOptions, CancellationToken)"/>
    public ValueTask<Response> RequestAsync(ReadOnlyMemory<byte> name, RequestOptions options = default, CancellationToken cancellationToken = default)
    {
        _exchange.Begin(name.Span, options);
        return FinishAsync(cancellationToken);
    }

    /// <summary>Requests the list of the names that the responder serves.</summary>
    /// <returns>The names.</returns>
    /// <exception cref="RequestFailedException">
    /// No responder that can list its names is attached (<see cref="ResponseStatus.Unsupported"/>). Responders of the basic level cannot list their names.
    /// </exception>
    /// <inheritdoc cref="Request(string, CancellationToken)"/>
    public IReadOnlyList<string> List(CancellationToken cancellationToken = default)
    {
        using Response response = Request([], new RequestOptions { Kind = RequestKind.List }, cancellationToken);
        return NameList.Parse(response);
    }

    /// <inheritdoc cref="List"/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        using Response response = await RequestAsync(ReadOnlyMemory<byte>.Empty, new RequestOptions { Kind = RequestKind.List }, cancellationToken)
            .ConfigureAwait(false);
        return NameList.Parse(response);
    }

    /// <summary>
    /// Replaces the channel's semaphores and segments with new ones under the same names, and abandons earlier requests. Use it when a responder never finishes
    /// an earlier request. Attached responders of the extended level move to the new objects; a responder of the basic level must be restarted.
    /// </summary>
    /// <exception cref="InvalidOperationException">A response is not disposed, or a request is in progress.</exception>
    /// <exception cref="ChannelInUseException">Another program has created an object with one of the channel's names.</exception>
    /// <exception cref="ObjectDisposedException">The requester is disposed.</exception>
    public void Reset() => _exchange.Reset();

    /// <summary>Closes the channel and removes its names from /dev/shm. Responders return to waiting for a requester.</summary>
    public void Dispose()
    {
        if (_lifetime.TryEnd())
        {
            _owned.Close();

            // Wakes a request that waits on another thread, which then throws ObjectDisposedException.
            _owned.Home.Responses.Dispose();
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

    /// <returns>Whether the wait took a post of RES.</returns>
    private bool Wait(CancellationToken cancellationToken)
    {
        if (_exchange.AwaitsResponder)
        {
            cancellationToken.WaitHandle.WaitOne(Limits.CheckInterval);
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }

        return _exchange.SpinForAnswer(cancellationToken, out bool posted) ? posted : _owned.Home.Responses.Wait(_exchange.NextCheck(), cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Response> FinishAsync(CancellationToken cancellationToken)
    {
        try
        {
            bool posted = false;
            while (!_exchange.Advance(posted))
            {
                if (_exchange.AwaitsResponder)
                {
                    await Task.Delay(Limits.CheckInterval, cancellationToken).ConfigureAwait(false);
                    posted = false;
                }
                else if (!_exchange.SpinForAnswer(cancellationToken, out posted))
                {
                    posted = await _owned.Home.Responses
                        .WaitAsync(_exchange.GetDeadline(), Limits.CheckInterval, _needsCheck, cancellationToken).ConfigureAwait(false);
                }
            }

            return _exchange.TakeResponse();
        }
        catch
        {
            _exchange.GiveUp();
            throw;
        }
    }

    private static int Encode(string name, Span<byte> bytes)
    {
        try
        {
            return StrictUtf8.TryGetBytes(name, bytes, out int length)
                ? length
                : throw new ArgumentException($"The name is longer than {Limits.NameLength:N0} bytes of UTF-8.", nameof(name));
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException("The name contains an unpaired surrogate, which UTF-8 cannot encode.", nameof(name), exception);
        }
    }

    private void Unmap()
    {
        _owned.Dispose();
        _exchange.Dispose();
    }
}
