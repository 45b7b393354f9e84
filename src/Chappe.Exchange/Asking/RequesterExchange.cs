using System.Text;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>
/// One exchange of a requester, from the beginning of the request to the disposal of the response. It advances in steps that do not block; blocking and
/// asynchronous callers differ only in how they wait between the steps.
/// </summary>
internal sealed class RequesterExchange : IDisposable
{
    /// <summary>A private copy of more bytes than this is freed with its response.</summary>
    private const long LargestKeptCopy = 64L << 20;

    private readonly RequesterOptions _options;
    private readonly OwnedChannel _channel;
    private readonly Lifetime _lifetime;
    private readonly PostedRequest _posted;
    private readonly AdaptiveSpin _spin;
    private readonly byte[] _name = new byte[Limits.NameLength];

    private ExchangeState<AskState> _state;
    private int _nameLength;
    private RequestOptions _request;
    private Deadline? _deadline;
    private int _strayPosts;
    private ulong _seenDone;
    private PrivateBuffer? _copy;

    internal RequesterExchange(OwnedChannel channel, RequesterOptions options, Lifetime lifetime)
    {
        _channel = channel;
        _options = options;
        _lifetime = lifetime;
        _state = new ExchangeState<AskState>(lifetime, AskState.Retired);
        _posted = new PostedRequest(channel, options.Trust);
        _spin = new AdaptiveSpin { Budget = options.SpinBudget };
        Stream = new StreamedPayload(this, channel, _posted, lifetime, _spin);
    }

    /// <summary>The answer without its payload: the header, kind, media type and description.</summary>
    internal AnswerCopy Answer { get; } = new();

    /// <summary>The payload, which may still be arriving.</summary>
    internal StreamedPayload Stream { get; }

    /// <summary>The memory that holds the payload: the data segment, or a private copy if the responder is not trusted.</summary>
    internal object Payload => _copy is not null ? _copy : _channel.Home.Data;

    /// <summary>Whether the request waits for a responder to attach. No semaphore signals that event.</summary>
    internal bool AwaitsResponder => _state.Current == AskState.WaitingToAsk && _posted.Outstanding == Outstanding.Nothing;

    /// <summary>The name of the request in messages.</summary>
    internal string NameText => _request.Kind == RequestKind.List ? "(the list)" : Encoding.UTF8.GetString(_name, 0, _nameLength);

    /// <summary>The payload of an untrusted responder is copied as a whole, so it cannot be streamed.</summary>
    private bool MayStream => _request.Streams && _options.Trust == PeerTrust.Trusted;

    /// <summary>Whether the response with this number is the one in use.</summary>
    internal bool IsCurrent(ulong number) => _state.IsAt(number, AskState.Answered, AskState.Streaming);

    internal bool IsStreaming(ulong number) => _state.IsAt(number, AskState.Streaming);

    internal unsafe byte* PayloadPointer(long offset, long length) =>
        _copy is not null ? _copy.Pointer + offset : _channel.Home.Data.GetPointer(offset, length);

    /// <summary>Idle → WaitingToAsk.</summary>
    internal void Begin(ReadOnlySpan<byte> name, in RequestOptions request)
    {
        if (name.Length > Limits.NameLength || (name.IsEmpty && request.Kind != RequestKind.List))
        {
            throw new ArgumentException($"A name has 1 to {Limits.NameLength:N0} bytes; this one has {name.Length:N0}.", nameof(name));
        }

        if (request.Timeout is { } timeout)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, Timeout.InfiniteTimeSpan, nameof(request));
        }

        Begin(AskState.WaitingToAsk);
        name.CopyTo(_name);
        _nameLength = name.Length;
        _request = request;
        _deadline = null;
        _strayPosts = 0;
    }

    /// <summary>Advances as far as possible without waiting: WaitingToAsk → Asked → Answered or Streaming.</summary>
    /// <param name="posted">Whether a post of RES was taken since the last step.</param>
    /// <returns>True if the answer was accepted; false if the caller has to wait.</returns>
    internal bool Advance(bool posted)
    {
        _lifetime.ThrowIfEnded();
        _seenDone = Volatile.Read(ref _channel.Control.Page.Done);
        if (_state.Current == AskState.Asked)
        {
            _channel.Home.Prefetch();
            return FindAnswer(posted);
        }

        _posted.Settle(posted);
        if (_posted.Outstanding == Outstanding.Nothing && (_request.Kind != RequestKind.List || _channel.Control.IsResponderAlive))
        {
            Ask();
        }
        else if (GetDeadline().HasPassed)
        {
            throw CreateNotPostedException();
        }
        else if (AwaitsResponder && !_channel.IsHomeIntact)
        {
            _posted.ReHome();
        }

        return false;
    }

    /// <summary>Spins while that is likely to pay off. The spin watches CTRL, because a responder writes done before it posts RES.</summary>
    /// <param name="cancellationToken">Ends the spin.</param>
    /// <param name="posted">Whether a post of RES was taken. The post of an answer that was found in CTRL is left, and drained before the next request.</param>
    /// <returns>False if the caller should block.</returns>
    internal bool SpinForAnswer(CancellationToken cancellationToken, out bool posted)
    {
        NamedSemaphore responses = _channel.Home.Responses;
        bool hasNews = _spin.UntilChanged(ref _channel.Control.Page.Done, _seenDone, responses, cancellationToken);
        posted = hasNews && !_posted.IsDone && responses.TryWait();
        return hasNews;
    }

    /// <summary>
    /// The request's deadline. The clock starts at the first call rather than at the beginning of the request: reading the clock costs a large part of a short
    /// exchange, and here the responder is already at work meanwhile.
    /// </summary>
    internal Deadline GetDeadline() => _deadline ??= Deadline.After(_request.Timeout ?? _options.Timeout);

    /// <summary>The time at which a wait must end even without a post.</summary>
    internal Deadline NextCheck() => Deadline.Earlier(GetDeadline(), Deadline.After(Limits.CheckInterval));

    /// <summary>Whether <see cref="Advance"/> could make progress without a post. Called on another thread while an asynchronous request waits.</summary>
    internal bool NeedsCheck() =>
        _state.Current != AskState.Asked
        || _posted.IsDone
        || (MayStream && _posted.IsStarted)
        || (_posted.IsTaken ? !_channel.Control.IsTakerAlive : !_channel.IsHomeIntact);

    /// <summary>Validates the answer and returns it.</summary>
    internal Response TakeResponse()
    {
        Answer.Check(_channel.Home, _options.MaxPayloadLength);
        if (_options.Trust == PeerTrust.Untrusted)
        {
            long length = Answer.Header.Length;
            _copy = PrivateBuffer.WithRoom(_copy, length);
            if (!_copy.TryFill(_channel.Home.Data, length))
            {
                throw new ProtocolException($"The responder announced {length:N0} bytes, but its data segment is shorter.");
            }
        }

        return new Response(this, _state.Number);
    }

    /// <summary>Withdraws the request after a failure and releases the channel: any state → Idle.</summary>
    internal void GiveUp()
    {
        try
        {
            if (_state.Current is AskState.Asked or AskState.Streaming && !_lifetime.HasEnded)
            {
                _posted.Withdraw();
            }
        }
        finally
        {
            _state.End();
        }
    }

    /// <summary>A streamed payload has arrived completely: Streaming → Answered.</summary>
    internal void EndStream(ulong number) => _state.TryMove(number, AskState.Streaming, AskState.Answered);

    /// <summary>Invalidates the response: Answered or Streaming → Ending → Idle. Idempotent, also across copies of the response and across threads.</summary>
    internal void Release(ulong number)
    {
        bool isWhole = _state.TryMove(number, AskState.Answered, AskState.Ending);
        if (!isWhole && !_state.TryMove(number, AskState.Streaming, AskState.Ending))
        {
            return;
        }

        try
        {
            if (!isWhole && !_lifetime.HasEnded)
            {
                // The responder has not written the whole payload yet. The next request waits until it has finished, has stopped, or is dead.
                _posted.Withdraw();
            }

            if (_copy is { Capacity: > LargestKeptCopy })
            {
                _copy.Dispose();
                _copy = null;
            }
        }
        finally
        {
            _state.End();
        }
    }

    /// <summary>Moves the channel to a new home and abandons outstanding answers: Idle → Resetting → Idle.</summary>
    internal void Reset()
    {
        Begin(AskState.Resetting);
        try
        {
            _posted.ReHome();
        }
        finally
        {
            _state.End();
        }
    }

    public void Dispose() => _copy?.Dispose();

    /// <summary>The owner is disposed: Idle → Retired, at once or when the exchange in progress ends.</summary>
    internal void Retire() => _state.Retire();

    private void Begin(AskState first)
    {
        if (!_state.TryBegin(first))
        {
            _lifetime.ThrowIfEnded();
            throw CreateBusyException();
        }
    }

    private void Ask()
    {
        _posted.Prepare(_nameLength);
        _state.Move(AskState.Asked);
        _posted.Post(_name.AsSpan(0, _nameLength), _request.Kind, MayStream);
    }

    /// <summary>Checks the posted request once. The table in docs/protocol.md lists the same cases.</summary>
    private bool FindAnswer(bool posted)
    {
        if (posted)
        {
            FaultPoint.Pass(Step.AnswerPostTaken);
        }

        if (_posted.IsDone)
        {
            return TryAcceptDone();
        }

        if (MayStream && _posted.IsStarted && TryAcceptStarted())
        {
            return true;
        }

        if (posted)
        {
            if (TryAcceptBasic())
            {
                return true;
            }

            CountStrayPost();
        }

        // No post signals the remaining events: the responder died, the names were removed, the deadline passed.
        if (_posted.IsTaken)
        {
            if (!_channel.Control.IsTakerAlive)
            {
                // The responder may have finished before it died.
                if (_posted.IsDone)
                {
                    return TryAcceptDone();
                }

                // Responders that die one after the other must not keep a request alive beyond its deadline.
                if (_request.FailWhenPeerIsLost || !GetDeadline().HasPassed)
                {
                    AskNextResponder();
                    return false;
                }
            }
        }
        else if (!_channel.IsHomeIntact && !GetDeadline().HasPassed)
        {
            // A basic responder that exits posts its answer before it unlinks the names.
            if (_channel.Home.Responses.TryWait() && TryAcceptBasic())
            {
                return true;
            }

            AskOnNewHome();
            return false;
        }

        return GetDeadline().HasPassed ? throw CreateTimeoutException() : false;
    }

    /// <returns>False if the responder handed the request back. It is then posted again.</returns>
    private bool TryAcceptDone()
    {
        FaultPoint.Pass(Step.AnswerSeen);
        Answer.CopyExtended(_channel.Home, _channel.Control.Page);
        if (Answer.IsHandedBack)
        {
            AskOnNewHome();
            return false;
        }

        _posted.Accept();
        _state.Move(AskState.Answered);
        return true;
    }

    /// <returns>False if the payload is empty or the responder has already failed. Such an answer is accepted when it is done.</returns>
    private bool TryAcceptStarted()
    {
        Answer.CopyExtended(_channel.Home, _channel.Control.Page);
        Stream.ResponderProcessId = _channel.Control.TakerProcessId;
        if (!Answer.HasPayload)
        {
            return false;
        }

        // Starts the clock, before several threads may read the response.
        _ = GetDeadline();
        _posted.Accept();
        _state.Move(AskState.Streaming);
        return true;
    }

    private bool TryAcceptBasic()
    {
        if (!_posted.TryAcceptBasic(Answer))
        {
            return false;
        }

        _state.Move(AskState.Answered);
        return true;
    }

    /// <summary>Posts the request again in a new home, because a basic responder may still write to the old one.</summary>
    private void AskOnNewHome()
    {
        // The request counts as not posted from here on, so a failure must not withdraw it.
        _state.Move(AskState.WaitingToAsk);
        _posted.ReHome();
        if (GetDeadline().HasPassed)
        {
            throw CreateTimeoutException();
        }

        Ask();
    }

    private void AskNextResponder()
    {
        if (_request.FailWhenPeerIsLost)
        {
            throw new PeerLostException(
                $"The responder{ControlSegment.WithProcessId(_channel.Control.TakerProcessId)} ended before it answered '{NameText}' on the channel '{_channel.Name}'.");
        }

        Ask();
    }

    private void CountStrayPost()
    {
        if (++_strayPosts > Limits.MaxStrayPosts)
        {
            throw Limits.TooManyStrayPosts(_channel.Name.ResponseSemaphore);
        }
    }

    private InvalidOperationException CreateBusyException() => new(_state.Current is AskState.Answered or AskState.Streaming
        ? "The last response is still in use: dispose it first. A channel carries one exchange at a time."
        : "Another request is in progress: wait for it first. A channel carries one exchange at a time.");

    private Exception CreateNotPostedException()
    {
        if (_posted.Outstanding == Outstanding.Nothing)
        {
            return new RequestFailedException(
                ResponseStatus.Unsupported,
                $"No responder that can list its names is attached to the channel '{_channel.Name}'. Responders of the basic level have no list: ask for the files by name.");
        }

        string responder = _posted.Outstanding == Outstanding.ExtendedAnswer
            ? $"The responder{ControlSegment.WithProcessId(_channel.Control.TakerProcessId)}"
            : "A responder";
        return new TimeoutException(
            $"{responder} still works on an earlier request on the channel '{_channel.Name}', so '{NameText}' could not be asked. Requester.Reset() continues without it.");
    }

    private TimeoutException CreateTimeoutException()
    {
        string why = _posted.IsTaken
            ? $"the responder{ControlSegment.WithProcessId(_channel.Control.TakerProcessId)} has taken it and not answered"
            : _channel.Control.IsResponderAlive
                ? "the responder that is attached has not taken it"
                : "no responder is attached (or one of the basic level has not answered)";
        return new TimeoutException($"No answer to '{NameText}' on the channel '{_channel.Name}' in time: {why}.");
    }
}
