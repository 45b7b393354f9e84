using System.Text;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The state of a requester's exchange.</summary>
internal enum AskState : byte
{
    /// <summary>No request is under way.</summary>
    Idle,

    /// <summary>A request has begun. It is posted once nothing is outstanding and, for a list, a responder is attached that has one.</summary>
    WaitingToAsk,

    /// <summary>The request is posted.</summary>
    Asked,

    /// <summary>The response is complete, and in use.</summary>
    Answered,

    /// <summary>The response is in use while the responder writes the rest of its payload.</summary>
    Streaming,

    /// <summary>The response is disposed, and the channel about to be released.</summary>
    Ending,

    /// <summary>No request is under way, and the channel gets a new home.</summary>
    Resetting,
}

/// <summary>
/// The exchange of a requester: one request from its beginning to the disposal of its response, in steps. Blocking and asynchronous callers differ only in
/// how they wait between the steps.
/// </summary>
internal sealed class RequesterExchange : IDisposable
{
    /// <summary>A larger private copy goes back to the system with its response.</summary>
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
        _posted = new PostedRequest(channel, options.Trust);
        _spin = new AdaptiveSpin { Budget = options.SpinBudget };
        Stream = new StreamedPayload(this, channel, _posted, lifetime, _spin);
    }

    /// <summary>The header of the answer and what the responder wrote beside it, checked.</summary>
    internal AnswerCopy Answer { get; } = new();

    /// <summary>What has arrived of the payload.</summary>
    internal StreamedPayload Stream { get; }

    /// <summary>The memory that holds the payload: the segment, or for an untrusted responder a copy of it.</summary>
    internal object Payload => _copy is not null ? _copy : _channel.Home.Data;

    /// <summary>True while the request waits for a responder to attach, which no semaphore signals.</summary>
    internal bool AwaitsResponder => _state.Current == AskState.WaitingToAsk && _posted.Outstanding == Outstanding.Nothing;

    /// <summary>What to call the request in a message.</summary>
    internal string NameText => _request.Kind == RequestKind.List ? "(the list)" : Encoding.UTF8.GetString(_name, 0, _nameLength);

    /// <summary>The payload of a responder that is not trusted is copied whole, so it cannot be read while it is written.</summary>
    private bool MayStream => _request.Streams && _options.Trust == PeerTrust.Trusted;

    /// <summary>Whether a response is the one in use.</summary>
    internal bool IsCurrent(ulong number) => _state.IsAt(number, AskState.Answered, AskState.Streaming);

    internal bool IsStreaming(ulong number) => _state.IsAt(number, AskState.Streaming);

    internal unsafe byte* PayloadPointer(long offset, long length) =>
        _copy is not null ? _copy.Pointer + offset : _channel.Home.Data.GetPointer(offset, length);

    /// <summary>Idle → WaitingToAsk.</summary>
    internal void Begin(ReadOnlySpan<byte> name, in RequestOptions request)
    {
        if (name.Length > Limits.NameLength || (name.IsEmpty && request.Kind != RequestKind.List))
        {
            throw new ArgumentException($"A name is 1 to {Limits.NameLength:N0} bytes long; this one has {name.Length:N0}.", nameof(name));
        }

        if (request.Timeout is { } timeout)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, Timeout.InfiniteTimeSpan, nameof(request));
        }

        _lifetime.Enter();
        if (!_state.TryBegin(AskState.WaitingToAsk))
        {
            _lifetime.Leave();
            throw CreateBusyException();
        }

        name.CopyTo(_name);
        _nameLength = name.Length;
        _request = request;
        _deadline = null;
        _strayPosts = 0;
    }

    /// <summary>Goes on as far as possible without waiting: WaitingToAsk → Asked → Answered or Streaming.</summary>
    /// <param name="posted">Whether a post of RES was taken since the last step.</param>
    /// <returns>True once there is an answer.</returns>
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

    /// <summary>Spins for as long as it pays. The answer is in CTRL before it is posted, so CTRL is what the spin looks at.</summary>
    /// <param name="cancellationToken">Ends the spin.</param>
    /// <param name="posted">Whether a post of RES was taken. That of an answer that was found in CTRL is drained later.</param>
    /// <returns>False if it is time to block.</returns>
    internal bool SpinForAnswer(CancellationToken cancellationToken, out bool posted)
    {
        NamedSemaphore responses = _channel.Home.Responses;
        bool hasNews = _spin.UntilChanged(ref _channel.Control.Page.Done, _seenDone, responses, cancellationToken);
        posted = hasNews && !_posted.IsDone && responses.TryWait();
        return hasNews;
    }

    /// <summary>The request's deadline. The clock starts at the first call, while the responder is already at work: reading it takes a good part of a short exchange.</summary>
    internal Deadline GetDeadline() => _deadline ??= Deadline.After(_request.Timeout ?? _options.Timeout);

    /// <summary>When a wait has to end although no post came.</summary>
    internal Deadline NextCheck() => Deadline.Earlier(GetDeadline(), Deadline.After(Limits.CheckInterval));

    /// <summary>Whether <see cref="Advance"/> would find anything without a post. Called while an asynchronous request waits, on another thread.</summary>
    internal bool NeedsCheck() =>
        _state.Current != AskState.Asked
        || _posted.IsDone
        || (MayStream && _posted.IsStarted)
        || (_posted.IsTaken ? !_channel.Control.IsTakerAlive : !_channel.IsHomeIntact);

    /// <summary>Checks the answer and hands it out.</summary>
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

    /// <summary>Leaves the channel so that the next request can begin, whatever happened to this one: any state → Idle.</summary>
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
            End();
        }
    }

    /// <summary>All of a streamed payload is there: Streaming → Answered.</summary>
    internal void EndStream(ulong number) => _state.TryMove(number, AskState.Streaming, AskState.Answered);

    /// <summary>Invalidates the response: Answered or Streaming → Ending → Idle. Idempotent, also among copies of the response and threads.</summary>
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
                // The response was not read to its end. The next request waits until the responder has written the rest.
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
            End();
        }
    }

    /// <summary>Makes a new home and forgets what is outstanding: Idle → Resetting → Idle.</summary>
    internal void Reset()
    {
        _lifetime.Enter();
        if (!_state.TryBegin(AskState.Resetting))
        {
            _lifetime.Leave();
            throw CreateBusyException();
        }

        try
        {
            _posted.ReHome();
        }
        finally
        {
            End();
        }
    }

    public void Dispose() => _copy?.Dispose();

    private void End()
    {
        _state.Move(AskState.Idle);
        _lifetime.Leave();
    }

    private bool Ask()
    {
        _posted.Prepare(_nameLength);
        _state.Move(AskState.Asked);
        _posted.Post(_name.AsSpan(0, _nameLength), _request.Kind, MayStream);
        return false;
    }

    /// <summary>One look at the posted request. docs/protocol.md has these cases as a table.</summary>
    private bool FindAnswer(bool posted)
    {
        if (posted)
        {
            FaultPoint.Pass(Step.AnswerPostTaken);
        }

        if (_posted.IsDone)
        {
            return AcceptDone();
        }

        if (MayStream && _posted.IsStarted && AcceptStarted())
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

        // The rest is what no post signals: the responder died, the names are gone, the time is up.
        if (_posted.IsTaken)
        {
            if (!_channel.Control.IsTakerAlive)
            {
                // The responder may have finished before it died.
                if (_posted.IsDone)
                {
                    return AcceptDone();
                }

                // Responders that die as fast as they come must not carry a request beyond its deadline.
                if (_request.FailWhenPeerIsLost || !GetDeadline().HasPassed)
                {
                    return AskNextResponder();
                }
            }
        }
        else if (!_channel.IsHomeIntact && !GetDeadline().HasPassed)
        {
            // A basic responder posts before it unlinks on its way out.
            return (_channel.Home.Responses.TryWait() && TryAcceptBasic()) || AskOnNewHome();
        }

        return GetDeadline().HasPassed ? throw CreateTimeoutException() : false;
    }

    private bool AcceptDone()
    {
        FaultPoint.Pass(Step.AnswerSeen);
        Answer.CopyExtended(_channel.Home, _channel.Control.Page);
        if (Answer.IsHandedBack)
        {
            return AskOnNewHome();
        }

        _posted.Accept();
        _state.Move(AskState.Answered);
        return true;
    }

    /// <returns>False if there is nothing to read along: the payload is empty, or the responder has failed already. The end of the answer follows.</returns>
    private bool AcceptStarted()
    {
        Answer.CopyExtended(_channel.Home, _channel.Control.Page);
        Stream.ResponderProcessId = _channel.Control.TakerProcessId;
        if (!Answer.HasPayload)
        {
            return false;
        }

        // Several threads may read the response: the clock is started before they do.
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

    /// <summary>Asks on new objects, since a basic responder may still write to the old ones.</summary>
    private bool AskOnNewHome()
    {
        // Not posted any more: whatever fails from here on, there is nothing to withdraw.
        _state.Move(AskState.WaitingToAsk);
        _posted.ReHome();
        return GetDeadline().HasPassed ? throw CreateTimeoutException() : Ask();
    }

    private bool AskNextResponder() => _request.FailWhenPeerIsLost
        ? throw new PeerLostException($"The responder{ControlSegment.WithProcessId(_channel.Control.TakerProcessId)} ended before it answered '{NameText}' on the channel '{_channel.Name}'.")
        : Ask();

    private void CountStrayPost()
    {
        if (++_strayPosts > Limits.MaxStrayPosts)
        {
            throw Limits.TooManyStrayPosts(_channel.Name.ResponseSemaphore);
        }
    }

    private InvalidOperationException CreateBusyException() => new(_state.Current is AskState.Answered or AskState.Streaming
        ? "The last response is still in use: dispose it first. A channel carries one exchange at a time."
        : "Another request is under way. A channel carries one exchange at a time.");

    private Exception CreateNotPostedException()
    {
        if (_posted.Outstanding == Outstanding.Nothing)
        {
            return new RequestFailedException(
                ResponseStatus.Unsupported,
                $"No responder that can list its names is attached to the channel '{_channel.Name}'. One of the basic level has no list: name the files.");
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
