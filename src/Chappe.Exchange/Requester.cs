using System.Runtime.CompilerServices;
using System.Text;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The requester: it owns a channel and asks, one request at a time.</summary>
/// <remarks>
/// <para>Responders may come, die and be replaced; a request goes to whoever is there, until its deadline.</para>
/// <para>
/// Members may be called from any thread, one request at a time. <see cref="Dispose"/> is safe at any moment: under a waiting request, which gets
/// <see cref="ObjectDisposedException"/>, and under a response in use, which stays valid until it is disposed itself.
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

    /// <summary>The channel.</summary>
    public ChannelName Channel { get; }

    /// <summary>True while a responder of the extended level is attached. One of the basic level cannot be seen.</summary>
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

    /// <summary>Makes a channel and owns it; or adopts one whose requester is gone, with the responders that are attached to it.</summary>
    /// <param name="channel">The channel, by its name or by the names of its objects.</param>
    /// <param name="options">Permissions, deadlines, the largest payload.</param>
    /// <exception cref="ChannelInUseException">It has a living requester, or one of the basic level that nobody can tell to be dead.</exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm is full.</exception>
    /// <exception cref="UnauthorizedAccessException">An object under the channel's names belongs to another user.</exception>
    /// <exception cref="ProtocolException">The channel's control segment is of another version, or none at all.</exception>
    public static Requester Create(ChannelName channel, RequesterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new Requester(channel, options ?? new RequesterOptions());
    }

    /// <summary>Asks for something by its name, and waits for it.</summary>
    /// <param name="name">1 to 4096 bytes of UTF-8: a file's name for a responder that serves files.</param>
    /// <param name="cancellationToken">Gives the request up. The next one first waits for a responder that is still at work on it.</param>
    /// <returns>The answer, in place. Dispose it before the next request.</returns>
    /// <exception cref="RequestFailedException">The responder cannot give it; the status says why.</exception>
    /// <exception cref="TimeoutException">No answer within <see cref="RequesterOptions.Timeout"/>.</exception>
    /// <exception cref="PeerLostException">The responder died, and the options say not to ask the next.</exception>
    /// <exception cref="ProtocolException">The responder wrote what the protocol does not allow.</exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm has no room for the request.</exception>
    /// <exception cref="InsufficientMemoryException">With <see cref="PeerTrust.Untrusted"/>: this process has no memory for its copy of the payload.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The last response is not disposed, or another request is under way.</exception>
    /// <exception cref="ObjectDisposedException">The requester is disposed, or was while waiting.</exception>
    public Response Request(string name, CancellationToken cancellationToken = default) =>
        Request(name, default, cancellationToken);

    /// <param name="name">1 to 4096 bytes of UTF-8.</param>
    /// <param name="options">What kind of answer, and how long it may take.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <inheritdoc cref="Request(string, CancellationToken)" path="/*[not(self::param)]"/>
    [SkipLocalsInit]
    public Response Request(string name, RequestOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        Span<byte> bytes = stackalloc byte[Limits.NameLength];
        return Request(bytes[..Encode(name, bytes)], options, cancellationToken);
    }

    /// <param name="name">1 to 4096 bytes; none for <see cref="RequestKind.List"/>. A responder that serves files wants UTF-8.</param>
    /// <param name="options">What kind of answer, and how long it may take.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
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

    /// <summary>The names that the responder serves.</summary>
    /// <exception cref="RequestFailedException">
    /// <see cref="ResponseStatus.Unsupported"/>: no responder that can list its names is attached. One of the basic level cannot: name the files.
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
    /// Makes new semaphores and segments under the channel's names, and forgets what is outstanding: the way out when a responder never answers. Responders
    /// of the extended level that are attached come along; one of the basic level has to be started again.
    /// </summary>
    /// <exception cref="InvalidOperationException">A response is not disposed, or a request is under way.</exception>
    /// <exception cref="ChannelInUseException">A name belongs to somebody else by now.</exception>
    /// <exception cref="ObjectDisposedException">The requester is disposed.</exception>
    public void Reset() => _exchange.Reset();

    /// <summary>Ends the channel: responders go back to waiting for a requester, and the names are gone from /dev/shm.</summary>
    public void Dispose()
    {
        if (_lifetime.TryEnd())
        {
            _owned.Close();

            // A request that waits on another thread holds the semaphore and gets ObjectDisposedException.
            _owned.Home.Responses.Dispose();
            _lifetime.Leave();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <returns>Whether a post of RES was taken.</returns>
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
            throw new ArgumentException("The name holds half of a surrogate pair, which UTF-8 cannot say.", nameof(name), exception);
        }
    }

    private void Unmap()
    {
        _owned.Dispose();
        _exchange.Dispose();
    }
}
