using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>One exchange of a responder, from the receipt of a request to the end of its answer.</summary>
internal sealed class ResponderExchange(ResponderOptions options, Lifetime lifetime) : IDisposable
{
    /// <summary>Private buffers that became too small. The handler may still use their spans until the request is answered.</summary>
    private readonly List<PrivateBuffer> _outgrown = [];

    private ExchangeState<AnswerState> _state = new(lifetime, AnswerState.Retired);
    private Attachment? _attachment;
    private PrivateBuffer? _buffer;
    private long _room;
    private long _advanced;
    private ResponseStatus _status;
    private string? _message;
    private ResponseHeader _header;
    private PayloadKind _kind;
    private string? _mediaType;

    /// <summary>The current request.</summary>
    internal TakenRequest Request { get; } = new();

    internal ExchangeLevel Level => _attachment!.Level;

    /// <summary>A private buffer is copied to DATA as a whole, so its payload cannot be streamed.</summary>
    internal bool MayStream => Request.MayStream && options.Trust == PeerTrust.Trusted;

    /// <summary>The outcome of the last request, without its name and duration.</summary>
    internal ServedRequest Summary => new("", _status, _message, _header, _kind, _mediaType, Level, default);

    /// <summary>Whether the request with this number is the current one.</summary>
    internal bool IsCurrent(ulong number) => _state.IsAt(number, AnswerState.InHand, AnswerState.Started);

    /// <summary>Idle → Receiving.</summary>
    internal void BeginReceive()
    {
        if (!_state.TryBegin(AnswerState.Receiving))
        {
            lifetime.ThrowIfEnded();
            throw new InvalidOperationException(_state.Current == AnswerState.Receiving
                ? "Another receive is in progress: wait for it first. A channel carries one exchange at a time."
                : "The last request is not answered: answer or dispose it first. A channel carries one exchange at a time.");
        }
    }

    /// <summary>A request was taken: Receiving → InHand.</summary>
    internal Request Deliver(Attachment attachment)
    {
        _attachment = attachment;
        _room = 0;
        _state.Move(AnswerState.InHand);
        return new Request(this, _state.Number);
    }

    /// <summary>The request is answered, or the receive failed: any state → Idle.</summary>
    internal void End() => _state.End();

    /// <summary>The owner is disposed: Idle → Retired, at once or when the exchange in progress ends.</summary>
    internal void Retire() => _state.Retire();

    /// <summary>Reserves room for a payload. The known length of DATA is not trusted if a requester may have changed it.</summary>
    internal unsafe byte* MakeRoom(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        SharedMemory data = _attachment!.Home.Data;
        long maximum = Math.Min(options.MaxPayloadLength, data.MaxLength);
        if (length > maximum)
        {
            throw new RequestFailedException(
                ResponseStatus.TooLarge,
                $"The payload of {length:N0} bytes is larger than this responder's maximum of {maximum:N0} (MaxPayloadLength).");
        }

        if (_attachment.LengthsMayHaveChanged() || length > data.KnownLength)
        {
            data.EnsureLength(length);
        }

        FaultPoint.Pass(Step.RoomMade);
        byte* room = options.Trust == PeerTrust.Trusted ? data.GetPointer(0, length) : GrowBuffer(length).Pointer;
        _room = length;
        return room;
    }

    /// <summary>InHand → Idle.</summary>
    internal void Complete(in Answer answer)
    {
        if (_state.Current == AnswerState.Started)
        {
            throw new InvalidOperationException("The answer is started: end it with Complete() without a header.");
        }

        answer.Check(_room);
        _buffer?.CopyTo(_attachment!.Home.Data, answer.Header.Length);
        _attachment!.Complete(answer);
        Record(answer);
        EndAnswer();
    }

    /// <summary>InHand → Started.</summary>
    internal void Start(in Answer answer)
    {
        if (_state.Current == AnswerState.Started)
        {
            throw new InvalidOperationException("The answer is already started: call Advance and Complete.");
        }

        if (!MayStream)
        {
            throw new InvalidOperationException("This request is answered in one piece (MayStream is false): fill the payload, then call Complete.");
        }

        answer.Check(_room);
        _attachment!.Start(answer);
        Record(answer);
        _advanced = 0;
        _state.Move(AnswerState.Started);
    }

    internal bool Advance(long length)
    {
        ThrowUnlessStarted();
        ArgumentOutOfRangeException.ThrowIfLessThan(length, _advanced);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _header.Length);
        _advanced = length;
        return _attachment!.Advance(length);
    }

    /// <summary>Started → Idle.</summary>
    internal void CompleteStarted()
    {
        ThrowUnlessStarted();
        _attachment!.CompleteStarted();
        EndAnswer();
    }

    /// <summary>InHand or Started → Idle.</summary>
    internal void Fail(ResponseStatus status, string message)
    {
        if (_state.Current == AnswerState.Started)
        {
            _attachment!.FailStarted(status, message);
        }
        else
        {
            _attachment!.Fail(status, message);
        }

        (_status, _message, _header, _kind, _mediaType) = (status, message, default, PayloadKind.Error, null);
        EndAnswer();
    }

    public void Dispose() => _buffer?.Dispose();

    private PrivateBuffer GrowBuffer(long length)
    {
        if (_buffer is null || _buffer.Capacity < length)
        {
            var larger = new PrivateBuffer(length);
            _buffer?.MoveTo(larger, _outgrown);
            _buffer = larger;
        }

        return _buffer;
    }

    private void Record(in Answer answer) =>
        (_status, _message, _header, _kind, _mediaType) = (ResponseStatus.Ok, null, answer.Header, answer.Kind, answer.MediaType);

    private void EndAnswer()
    {
        if (_outgrown.Count > 0)
        {
            _outgrown.ForEach(buffer => buffer.Dispose());
            _outgrown.Clear();
        }

        End();
    }

    private void ThrowUnlessStarted()
    {
        if (_state.Current != AnswerState.Started)
        {
            throw new InvalidOperationException("The answer is not started: call Start first.");
        }
    }
}
