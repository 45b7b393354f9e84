using System.Text;

namespace Chappe.Exchange;

/// <summary>A request to answer, once, by one of the <c>Complete</c> methods or <see cref="Fail"/>.</summary>
/// <remarks>
/// It is valid until it is answered, and nothing is allocated for it. Every member of one that is kept longer throws <see cref="ObjectDisposedException"/>.
/// </remarks>
public readonly struct Request : IDisposable, IEquatable<Request>
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ResponderExchange? _exchange;
    private readonly ulong _number;

    internal Request(ResponderExchange exchange, ulong number)
    {
        _exchange = exchange;
        _number = number;
    }

    /// <summary>What is asked for.</summary>
    /// <exception cref="RequestFailedException"><see cref="ResponseStatus.InvalidName"/>: it is not valid UTF-8. Let it pass and it is the answer.</exception>
    public string Name
    {
        get
        {
            try
            {
                return StrictUtf8.GetString(Current.Request.Name);
            }
            catch (DecoderFallbackException exception)
            {
                throw new RequestFailedException(ResponseStatus.InvalidName, "The name is not valid UTF-8.", exception);
            }
        }
    }

    /// <summary>What is asked for, as the bytes that came.</summary>
    public ReadOnlySpan<byte> NameBytes => Current.Request.Name;

    /// <summary>What kind of answer is wanted; <see cref="RequestKind.Any"/> from a requester of the basic level.</summary>
    public RequestKind Kind => Current.Request.Kind;

    /// <summary>What the requester speaks.</summary>
    public ExchangeLevel Level => Current.Level;

    /// <summary>
    /// Whether the requester reads the payload while the rest of it is written: <see cref="Start(ResponseHeader, PayloadKind, string?)"/>, then
    /// <see cref="Advance"/>, then <see cref="Complete()"/>. It pays for what takes long to make or to read; an answer in one piece is always right.
    /// </summary>
    public bool MayStream => Current.MayStream;

    internal bool IsUnanswered => _exchange is not null && _exchange.IsCurrent(_number);

    private ResponderExchange Current => IsUnanswered ? _exchange! : throw new ObjectDisposedException(nameof(Request), "The request was answered already.");

    /// <summary>Makes room for a payload and gives the data segment itself to write it to: no copy is made.</summary>
    /// <param name="length">In bytes, at most <see cref="int.MaxValue"/>; for more see <see cref="GetPointer"/>.</param>
    /// <exception cref="Posix.SharedMemoryFullException">/dev/shm has no room. Let it pass and the answer is <see cref="ResponseStatus.NoSpace"/>.</exception>
    /// <exception cref="InsufficientMemoryException">
    /// With <see cref="PeerTrust.Untrusted"/>: this process has no memory for it. Let it pass and the answer is <see cref="ResponseStatus.NoSpace"/>.
    /// </exception>
    /// <exception cref="RequestFailedException"><see cref="ResponseStatus.TooLarge"/>: it is more than <see cref="ResponderOptions.MaxPayloadLength"/>.</exception>
    public unsafe Span<byte> GetSpan(long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, int.MaxValue);
        return new Span<byte>(Current.MakeRoom(length), (int)length);
    }

    /// <summary>Makes room for a payload of any length and gives its address, for native code. Valid until the request is answered.</summary>
    /// <param name="length">In bytes.</param>
    /// <inheritdoc cref="GetSpan" path="/*[not(self::param)]"/>
    public unsafe byte* GetPointer(long length) => Current.MakeRoom(length);

    /// <summary>Answers with what stands in the data segment.</summary>
    /// <param name="header">Its length, and the dimensions of an image.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="mediaType">Its media type in ASCII, at most 128 characters; null to say nothing.</param>
    public void Complete(ResponseHeader header, PayloadKind kind = PayloadKind.Bytes, string? mediaType = null) =>
        Current.Complete(new Answer(header, kind, mediaType));

    /// <param name="header">Its length, and the dimensions of an image.</param>
    /// <param name="description">Element type, shape and strides.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="mediaType">Its media type in ASCII, at most 128 characters; null to say nothing.</param>
    /// <inheritdoc cref="Complete(ResponseHeader, PayloadKind, string?)" path="/*[not(self::param)]"/>
    public void Complete(ResponseHeader header, in PayloadDescription description, PayloadKind kind = PayloadKind.Bytes, string? mediaType = null) =>
        Current.Complete(new Answer(header, kind, mediaType, in description));

    /// <summary>Begins an answer whose payload follows: the requester has the header from here on, and what <see cref="Advance"/> says stands.</summary>
    /// <param name="header">The length of the whole payload, for which room is made already, and the dimensions of an image.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="mediaType">Its media type in ASCII, at most 128 characters; null to say nothing.</param>
    /// <exception cref="InvalidOperationException">The requester did not ask for it (<see cref="MayStream"/>), or it is started already.</exception>
    public void Start(ResponseHeader header, PayloadKind kind = PayloadKind.Bytes, string? mediaType = null) =>
        Current.Start(new Answer(header, kind, mediaType));

    /// <param name="header">The length of the whole payload, and the dimensions of an image.</param>
    /// <param name="description">Element type, shape and strides.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="mediaType">Its media type in ASCII, at most 128 characters; null to say nothing.</param>
    /// <inheritdoc cref="Start(ResponseHeader, PayloadKind, string?)" path="/*[not(self::param)]"/>
    public void Start(ResponseHeader header, in PayloadDescription description, PayloadKind kind = PayloadKind.Bytes, string? mediaType = null) =>
        Current.Start(new Answer(header, kind, mediaType, in description));

    /// <summary>Says that the first bytes of a started answer stand: they must not change any more.</summary>
    /// <param name="length">How many, from the beginning; never fewer than before.</param>
    /// <returns>False if the requester has given the request up. The answer has to be ended all the same.</returns>
    /// <exception cref="InvalidOperationException">The answer is not started.</exception>
    public bool Advance(long length) => Current.Advance(length);

    /// <summary>Ends a started answer: all of the payload stands. What went wrong meanwhile is said by <see cref="Fail"/>.</summary>
    /// <exception cref="InvalidOperationException">The answer is not started.</exception>
    public void Complete() => Current.CompleteStarted();

    /// <summary>Answers that it cannot be given. A requester of the basic level, which knows no errors, gets an empty payload.</summary>
    /// <param name="status">Why, other than <see cref="ResponseStatus.Ok"/>.</param>
    /// <param name="message">A sentence for whoever asked; 1024 bytes of UTF-8 cross.</param>
    public void Fail(ResponseStatus status, string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (status is <= ResponseStatus.Ok or > ResponseStatus.Internal)
        {
            throw new ArgumentOutOfRangeException(nameof(status), status, "It is one of the statuses other than Ok.");
        }

        Current.Fail(status, message);
    }

    /// <summary>Answers <see cref="ResponseStatus.Cancelled"/> if it is not answered.</summary>
    public void Dispose()
    {
        if (IsUnanswered)
        {
            Current.Fail(ResponseStatus.Cancelled, "The responder let the request go without an answer.");
        }
    }

    /// <inheritdoc/>
    public bool Equals(Request other) => _exchange == other._exchange && _number == other._number;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Request other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _number.GetHashCode();

    /// <summary>True if both are the same request.</summary>
    public static bool operator ==(Request left, Request right) => left.Equals(right);

    /// <summary>True if they are different requests.</summary>
    public static bool operator !=(Request left, Request right) => !left.Equals(right);
}
