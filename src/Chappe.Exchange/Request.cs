using System.Text;

namespace Chappe.Exchange;

/// <summary>A request that a responder received. Answer it once, with one of the <c>Complete</c> methods or <see cref="Fail"/>.</summary>
/// <remarks>
/// A request is valid until it is answered; after that its members throw <see cref="ObjectDisposedException"/>. It allocates no memory.
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

    /// <summary>The name that the requester asked for, decoded from UTF-8.</summary>
    /// <exception cref="RequestFailedException">
    /// The name is not valid UTF-8 (<see cref="ResponseStatus.InvalidName"/>). If a handler does not catch this exception, the request fails with that status.
    /// </exception>
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

    /// <summary>The name that the requester asked for, as the bytes it sent.</summary>
    public ReadOnlySpan<byte> NameBytes => Current.Request.Name;

    /// <summary>The kind of answer that the requester wants; <see cref="RequestKind.Any"/> from a requester of the basic level.</summary>
    public RequestKind Kind => Current.Request.Kind;

    /// <summary>The protocol level of the requester.</summary>
    public ExchangeLevel Level => Current.Level;

    /// <summary>
    /// Whether the payload may be streamed, so that the requester reads it while the responder still writes. To stream, call
    /// <see cref="Start(ResponseHeader, PayloadKind, string?)"/>, then <see cref="Advance"/> for each part, then <see cref="Complete()"/>. Streaming pays off
    /// for payloads that take long to produce or to read; an answer in one piece is always allowed.
    /// </summary>
    public bool MayStream => Current.MayStream;

    internal bool IsUnanswered => _exchange is not null && _exchange.IsCurrent(_number);

    private ResponderExchange Current => IsUnanswered ? _exchange! : throw new ObjectDisposedException(nameof(Request), "The request is already answered.");

    /// <summary>Reserves room for a payload and returns it as a span of the data segment, so that the payload is written in place.</summary>
    /// <remarks>
    /// The span is valid until the request is answered. With <see cref="PeerTrust.Untrusted"/> it is a private buffer, which is copied to the data segment
    /// when the request is completed. If a handler does not catch one of the exceptions, the request fails with a status that corresponds to it.
    /// </remarks>
    /// <param name="length">The length of the payload in bytes, from 0 to <see cref="int.MaxValue"/>. For longer payloads use <see cref="GetPointer"/>.</param>
    /// <returns>A span of <paramref name="length"/> bytes. It may still contain earlier data.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is out of range.</exception>
    /// <exception cref="Posix.SharedMemoryFullException">/dev/shm is full (<see cref="ResponseStatus.NoSpace"/>).</exception>
    /// <exception cref="InsufficientMemoryException">
    /// With <see cref="PeerTrust.Untrusted"/>: this process has too little memory for the private buffer (<see cref="ResponseStatus.NoSpace"/>).
    /// </exception>
    /// <exception cref="RequestFailedException">
    /// <paramref name="length"/> exceeds <see cref="ResponderOptions.MaxPayloadLength"/> (<see cref="ResponseStatus.TooLarge"/>).
    /// </exception>
    public unsafe Span<byte> GetSpan(long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, int.MaxValue);
        return new Span<byte>(Current.MakeRoom(length), (int)length);
    }

    /// <summary>Reserves room for a payload of any length and returns its address. The address is valid until the request is answered.</summary>
    /// <param name="length">The length of the payload in bytes, not negative.</param>
    /// <returns>The address of <paramref name="length"/> bytes, which may still contain earlier data.</returns>
    /// <inheritdoc cref="GetSpan" path="/*[not(self::param)]"/>
    public unsafe byte* GetPointer(long length) => Current.MakeRoom(length);

    /// <summary>Answers the request with the payload written to <see cref="GetSpan"/> or <see cref="GetPointer"/>.</summary>
    /// <param name="header">The payload's length, and the dimensions of an image.</param>
    /// <param name="kind">The kind of the payload.</param>
    /// <param name="mediaType">The payload's media type, such as <c>image/jpeg</c>: ASCII, at most 128 characters; null for none.</param>
    /// <exception cref="ArgumentException">The header, kind, media type or description cannot be sent, or no room was reserved for the payload's length.</exception>
    /// <exception cref="InvalidOperationException">The answer was started: end it with <see cref="Complete()"/>.</exception>
    public void Complete(ResponseHeader header, PayloadKind kind = PayloadKind.Bytes, string? mediaType = null) =>
        Current.Complete(new Answer(header, kind, mediaType));

    /// <param name="header">The payload's length, and the dimensions of an image.</param>
    /// <param name="description">The element type, shape and strides of the payload.</param>
    /// <param name="kind">The kind of the payload.</param>
    /// <param name="mediaType">The payload's media type, such as <c>image/jpeg</c>: ASCII, at most 128 characters; null for none.</param>
    /// <inheritdoc cref="Complete(ResponseHeader, PayloadKind, string?)" path="/*[not(self::param)]"/>
    public void Complete(ResponseHeader header, in PayloadDescription description, PayloadKind kind = PayloadKind.Bytes, string? mediaType = null) =>
        Current.Complete(new Answer(header, kind, mediaType, in description));

    /// <summary>Starts a streamed answer. The requester receives the header at once, and the payload as <see cref="Advance"/> announces it.</summary>
    /// <param name="header">The length of the whole payload, for which room is already reserved, and the dimensions of an image.</param>
    /// <param name="kind">The kind of the payload.</param>
    /// <param name="mediaType">The payload's media type, such as <c>image/jpeg</c>: ASCII, at most 128 characters; null for none.</param>
    /// <exception cref="ArgumentException">The header, kind, media type or description cannot be sent, or no room was reserved for the payload's length.</exception>
    /// <exception cref="InvalidOperationException"><see cref="MayStream"/> is false, or the answer is already started.</exception>
    public void Start(ResponseHeader header, PayloadKind kind = PayloadKind.Bytes, string? mediaType = null) =>
        Current.Start(new Answer(header, kind, mediaType));

    /// <param name="header">The length of the whole payload, and the dimensions of an image.</param>
    /// <param name="description">The element type, shape and strides of the payload.</param>
    /// <param name="kind">The kind of the payload.</param>
    /// <param name="mediaType">The payload's media type, such as <c>image/jpeg</c>: ASCII, at most 128 characters; null for none.</param>
    /// <inheritdoc cref="Start(ResponseHeader, PayloadKind, string?)" path="/*[not(self::param)]"/>
    public void Start(ResponseHeader header, in PayloadDescription description, PayloadKind kind = PayloadKind.Bytes, string? mediaType = null) =>
        Current.Start(new Answer(header, kind, mediaType, in description));

    /// <summary>Announces that the first bytes of a started answer are written. They must not change afterwards.</summary>
    /// <param name="length">The number of bytes written so far, from the beginning of the payload: at least the number announced before, at most the payload's length.</param>
    /// <returns>False if the requester has withdrawn the request. The answer must still be ended, with <see cref="Complete()"/> or <see cref="Fail"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">The answer is not started.</exception>
    public bool Advance(long length) => Current.Advance(length);

    /// <summary>Ends a started answer whose payload is written completely. If the payload cannot be completed, call <see cref="Fail"/> instead.</summary>
    /// <exception cref="InvalidOperationException">The answer is not started.</exception>
    public void Complete() => Current.CompleteStarted();

    /// <summary>Answers the request with an error. A requester of the basic level, which has no errors, receives an empty payload.</summary>
    /// <param name="status">The reason; any status other than <see cref="ResponseStatus.Ok"/>.</param>
    /// <param name="message">A sentence that explains the error to the requester. It is truncated to 1024 bytes of UTF-8.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="status"/> is <see cref="ResponseStatus.Ok"/> or not defined.</exception>
    public void Fail(ResponseStatus status, string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (status is <= ResponseStatus.Ok or > ResponseStatus.Internal)
        {
            throw new ArgumentOutOfRangeException(nameof(status), status, "The status of an error is one of the defined statuses other than Ok.");
        }

        Current.Fail(status, message);
    }

    /// <summary>Answers the request with <see cref="ResponseStatus.Cancelled"/> unless it is already answered.</summary>
    public void Dispose()
    {
        if (IsUnanswered)
        {
            Current.Fail(ResponseStatus.Cancelled, "The responder disposed the request without answering it.");
        }
    }

    /// <inheritdoc/>
    public bool Equals(Request other) => _exchange == other._exchange && _number == other._number;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Request other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _number.GetHashCode();

    /// <summary>Returns whether both values are the same request.</summary>
    public static bool operator ==(Request left, Request right) => left.Equals(right);

    /// <summary>Returns whether the values are different requests.</summary>
    public static bool operator !=(Request left, Request right) => !left.Equals(right);
}
