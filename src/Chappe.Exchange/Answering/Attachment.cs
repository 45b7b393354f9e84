using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>
/// A channel as a responder is attached to it: how it finds a request there, and how it answers. The two levels of the protocol are
/// <see cref="BasicAttachment"/> and <see cref="ExtendedAttachment"/>.
/// </summary>
internal abstract class Attachment : IDisposable
{
    private Home _home;

    protected Attachment(ChannelName channel, ResponderOptions options, Home home)
    {
        Channel = channel;
        Options = options;
        _home = home;
        NeedsCheckCallback = NeedsCheck;
    }

    internal abstract ExchangeLevel Level { get; }

    /// <summary>The objects that carry the requests. Another thread that disposes the responder reads it.</summary>
    internal Home Home
    {
        get => Volatile.Read(ref _home);
        private protected set => Volatile.Write(ref _home, value);
    }

    /// <summary><see cref="NeedsCheck"/>, allocated once.</summary>
    internal Func<bool> NeedsCheckCallback { get; }

    protected ChannelName Channel { get; }

    protected ResponderOptions Options { get; }

    /// <summary>Looks for a request, and takes the one that is there.</summary>
    /// <returns>False if there is none.</returns>
    /// <exception cref="ProtocolException">The requester changes its requests faster than they can be taken.</exception>
    internal abstract bool FindRequest(Wake wake, TakenRequest request);

    /// <summary>Spins for as long as it pays.</summary>
    /// <returns>Null if it is time to block.</returns>
    internal abstract Wake? Spin(AdaptiveSpin spin, CancellationToken cancellationToken);

    /// <summary>While idle: whether this still is the channel that its names lead to.</summary>
    internal abstract bool IsStillValid();

    /// <summary>Whether <see cref="FindRequest"/> would find anything without a post. Called while an asynchronous receive waits, on another thread.</summary>
    protected abstract bool NeedsCheck();

    /// <summary>Whether the requester may have changed the lengths of its segments since the last call.</summary>
    internal abstract bool LengthsMayHaveChanged();

    /// <summary>Sends an answer whose payload is in DATA.</summary>
    internal abstract void Complete(in Answer answer);

    /// <summary>Sends an answer without a payload.</summary>
    internal abstract void Fail(ResponseStatus status, string message);

    /// <summary>Sends an answer whose payload follows. Only for a request that may be streamed, which is one of the extended level.</summary>
    internal virtual void Start(in Answer answer) => throw new NotSupportedException();

    /// <summary>Announces how much of a started payload is in DATA.</summary>
    /// <returns>False if the requester has given the request up.</returns>
    internal virtual bool Advance(long length) => throw new NotSupportedException();

    /// <summary>Ends a started answer.</summary>
    internal virtual void CompleteStarted() => throw new NotSupportedException();

    /// <summary>Ends a started answer that cannot be completed.</summary>
    internal virtual void FailStarted(ResponseStatus status, string message) => throw new NotSupportedException();

    public virtual void Dispose() => Home.Dispose();
}
