using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>
/// The connection of a responder to a channel: it finds requests and sends answers. <see cref="BasicAttachment"/> and <see cref="ExtendedAttachment"/>
/// implement the two levels of the protocol.
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

    /// <summary>The objects that carry the requests. A thread that disposes the responder reads this property while another receives.</summary>
    internal Home Home
    {
        get => Volatile.Read(ref _home);
        private protected set => Volatile.Write(ref _home, value);
    }

    /// <summary>A delegate for <see cref="NeedsCheck"/>, allocated once.</summary>
    internal Func<bool> NeedsCheckCallback { get; }

    protected ChannelName Channel { get; }

    protected ResponderOptions Options { get; }

    /// <summary>Takes the current request, if there is one.</summary>
    /// <returns>False if there is none.</returns>
    /// <exception cref="ProtocolException">The requester replaces its requests faster than they can be taken.</exception>
    internal abstract bool FindRequest(Wake wake, TakenRequest request);

    /// <summary>Spins while that is likely to pay off.</summary>
    /// <returns>Null if the caller should block.</returns>
    internal abstract Wake? Spin(AdaptiveSpin spin, CancellationToken cancellationToken);

    /// <summary>Whether the channel's names still lead to these objects. Checked between requests.</summary>
    internal abstract bool IsStillValid();

    /// <summary>Whether <see cref="FindRequest"/> could make progress without a post. Called on another thread while an asynchronous receive waits.</summary>
    protected abstract bool NeedsCheck();

    /// <summary>Whether the requester may have changed the lengths of its segments since the last call.</summary>
    internal abstract bool LengthsMayHaveChanged();

    /// <summary>Sends an answer whose payload is in DATA.</summary>
    internal abstract void Complete(in Answer answer);

    /// <summary>Sends an answer without a payload.</summary>
    internal abstract void Fail(ResponseStatus status, string message);

    /// <summary>Sends the start of a streamed answer. Only requests of the extended level can be streamed.</summary>
    internal virtual void Start(in Answer answer) => throw new NotSupportedException();

    /// <summary>Announces the number of bytes of a started payload that are in DATA.</summary>
    /// <returns>False if the requester has withdrawn the request.</returns>
    internal virtual bool Advance(long length) => throw new NotSupportedException();

    /// <summary>Ends a started answer.</summary>
    internal virtual void CompleteStarted() => throw new NotSupportedException();

    /// <summary>Ends a started answer that cannot be completed.</summary>
    internal virtual void FailStarted(ResponseStatus status, string message) => throw new NotSupportedException();

    public virtual void Dispose() => Home.Dispose();
}
