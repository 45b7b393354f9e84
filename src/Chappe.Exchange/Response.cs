using System.Buffers;

namespace Chappe.Exchange;

/// <summary>The answer to a request, read in place from the data segment.</summary>
/// <remarks>
/// A response is valid until it is disposed; after that its members throw <see cref="ObjectDisposedException"/>. It allocates no memory. Do not use its spans
/// and pointers after disposal: the next answer overwrites the memory that they refer to.
/// </remarks>
public readonly struct Response : IDisposable, IEquatable<Response>
{
    private readonly RequesterExchange? _exchange;
    private readonly ulong _number;

    internal Response(RequesterExchange exchange, ulong number)
    {
        _exchange = exchange;
        _number = number;
    }

    /// <summary>The payload's length, and the width, height and channels of an image.</summary>
    public ResponseHeader Header => Current.Answer.Header;

    /// <summary>The payload's length in bytes.</summary>
    public long Length => Header.Length;

    /// <summary>The kind of the payload. At the basic level it is inferred: pixels if the header has dimensions, otherwise a file.</summary>
    public PayloadKind Kind => Current.Answer.Kind;

    /// <summary>The payload's media type, such as <c>image/jpeg</c>; null if the responder did not specify one.</summary>
    public string? MediaType => Current.Answer.MediaType;

    /// <summary>The protocol level of the responder.</summary>
    public ExchangeLevel Level => Current.Answer.Level;

    /// <summary>
    /// The element type, shape and strides of the payload; <c>default</c> if the responder did not specify them. At the basic level, pixels are taken to be
    /// 8-bit samples in packed rows.
    /// </summary>
    public PayloadDescription Description => Current.Answer.Description;

    /// <summary>The payload, in place.</summary>
    /// <exception cref="InvalidOperationException">
    /// The payload is longer than <see cref="int.MaxValue"/> bytes: use <see cref="AsStream"/>, <see cref="AsSequence"/> or <see cref="GetSpan"/>.
    /// </exception>
    public ReadOnlySpan<byte> Span => GetSpan(0, LengthOfOnePiece());

    /// <summary>The payload, in place, as memory. Its span throws <see cref="ObjectDisposedException"/> once the response is disposed.</summary>
    /// <inheritdoc cref="Span"/>
    public ReadOnlyMemory<byte> Memory => new ResponseMemory(this, 0, LengthOfOnePiece()).Memory;

    /// <summary>The object that keeps the payload's memory at its address while the payload is pinned.</summary>
    internal object Payload => Current.Payload;

    private RequesterExchange Current =>
        _exchange is not null && _exchange.IsCurrent(_number) ? _exchange : throw new ObjectDisposedException(nameof(Response));

    /// <summary>Returns a part of the payload, in place. Waits until a streamed payload has arrived that far.</summary>
    /// <param name="offset">The first byte of the part.</param>
    /// <param name="length">The length of the part in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the payload.</exception>
    public unsafe ReadOnlySpan<byte> GetSpan(long offset, int length)
    {
        AnswerCopy answer = Current.Answer;
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, answer.Header.Length - length);
        RequesterExchange exchange = Current;
        exchange.Stream.WaitFor(_number, offset + length, CancellationToken.None);
        return new ReadOnlySpan<byte>(exchange.PayloadPointer(offset, length), length);
    }

    /// <summary>Returns the address of the payload, which may have any length. The address is valid until the response is disposed.</summary>
    public unsafe byte* GetPointer()
    {
        RequesterExchange exchange = Current;
        exchange.Stream.WaitFor(_number, Length, CancellationToken.None);
        return exchange.PayloadPointer(0, Length);
    }

    /// <summary>
    /// The number of bytes of the payload that have arrived. It is less than <see cref="Length"/> only while a payload is streamed
    /// (<see cref="RequestOptions.Streams"/>).
    /// </summary>
    /// <inheritdoc cref="WaitFor" path="/exception"/>
    public long AvailableLength => Current.Stream.AvailableLength(_number);

    /// <summary>
    /// Waits until the first bytes of the payload have arrived. Members that return bytes wait for them; call this method to wait in advance, or with a token.
    /// </summary>
    /// <param name="length">The number of bytes to wait for, at most <see cref="Length"/>.</param>
    /// <param name="cancellationToken">Cancels the wait. The response stays valid.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is greater than <see cref="Length"/>.</exception>
    /// <exception cref="PeerLostException">The responder ended before it had written them.</exception>
    /// <exception cref="RequestFailedException">The responder could not complete the payload; the status is the reason.</exception>
    /// <exception cref="TimeoutException">The bytes had not arrived at the request's deadline.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void WaitFor(long length, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Current.Stream.WaitFor(_number, length, cancellationToken);
    }

    /// <inheritdoc cref="WaitFor"/>
    public ValueTask WaitForAsync(long length, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        return Current.Stream.WaitForAsync(_number, length, cancellationToken);
    }

    /// <summary>Returns the payload, in place, as a sequence. The payload may have any length.</summary>
    public ReadOnlySequence<byte> AsSequence() => PayloadSequence.Over(this);

    /// <summary>
    /// Returns the payload, in place, as a seekable stream. The payload may have any length. The stream throws <see cref="ObjectDisposedException"/> once the
    /// response is disposed.
    /// </summary>
    public Stream AsStream() => new PayloadStream(this);

    /// <summary>Invalidates the response and releases the channel for the next request. Idempotent.</summary>
    public void Dispose() => _exchange?.Release(_number);

    /// <inheritdoc/>
    public bool Equals(Response other) => _exchange == other._exchange && _number == other._number;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Response other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _number.GetHashCode();

    /// <summary>Returns whether both values are the same response.</summary>
    public static bool operator ==(Response left, Response right) => left.Equals(right);

    /// <summary>Returns whether the values are different responses.</summary>
    public static bool operator !=(Response left, Response right) => !left.Equals(right);

    private int LengthOfOnePiece()
    {
        long length = Length;
        return length <= int.MaxValue
            ? (int)length
            : throw new InvalidOperationException($"The payload of {length:N0} bytes does not fit into a span: use AsStream(), AsSequence() or GetSpan(offset, length).");
    }
}
