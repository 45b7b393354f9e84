using System.Buffers;

namespace Chappe.Exchange;

/// <summary>An answer, in place in the data segment.</summary>
/// <remarks>
/// It is valid until it is disposed, and nothing is allocated for it. Every member of one that is kept longer throws <see cref="ObjectDisposedException"/>.
/// A span that was taken from it must not be used after disposal: the next answer stands there.
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

    /// <summary>What the payload is. At the basic level it is derived: pixels if the header has dimensions, else a file.</summary>
    public PayloadKind Kind => Current.Answer.Kind;

    /// <summary>The payload's media type such as <c>image/jpeg</c>; null if the responder did not say.</summary>
    public string? MediaType => Current.Answer.MediaType;

    /// <summary>What the responder spoke.</summary>
    public ExchangeLevel Level => Current.Answer.Level;

    /// <summary>Element type, shape and strides; <c>default</c> if the responder did not say. At the basic level pixels are derived to be 8-bit samples in packed rows.</summary>
    public PayloadDescription Description => Current.Answer.Description;

    /// <summary>The payload, in place.</summary>
    /// <exception cref="InvalidOperationException">It is longer than a span can be (2 GiB): use <see cref="AsStream"/>, <see cref="AsSequence"/> or <see cref="GetSpan"/>.</exception>
    public ReadOnlySpan<byte> Span => GetSpan(0, LengthOfOnePiece());

    /// <summary>The payload, in place, as memory that throws once the response is disposed.</summary>
    /// <inheritdoc cref="Span"/>
    public ReadOnlyMemory<byte> Memory => new ResponseMemory(this, 0, LengthOfOnePiece()).Memory;

    /// <summary>What has to stay where it is while the payload is pinned.</summary>
    internal object Payload => Current.Payload;

    private RequesterExchange Current =>
        _exchange is not null && _exchange.IsCurrent(_number) ? _exchange : throw new ObjectDisposedException(nameof(Response));

    /// <summary>A part of the payload, in place.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The payload has no such part.</exception>
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

    /// <summary>The payload's address, for native code; for any length. Valid until the response is disposed.</summary>
    public unsafe byte* GetPointer()
    {
        RequesterExchange exchange = Current;
        exchange.Stream.WaitFor(_number, Length, CancellationToken.None);
        return exchange.PayloadPointer(0, Length);
    }

    /// <summary>How many bytes of the payload stand at this moment: all of them, unless it was asked for with <see cref="RequestOptions.Streams"/>.</summary>
    /// <inheritdoc cref="WaitFor" path="/exception"/>
    public long AvailableLength => Current.Stream.AvailableLength(_number);

    /// <summary>Waits until the first bytes stand. Whatever gives bytes waits for them by itself; this is for waiting elsewhere, or with a token.</summary>
    /// <param name="length">How many, at most <see cref="Length"/>.</param>
    /// <param name="cancellationToken">Ends the wait; the response stays as it is.</param>
    /// <exception cref="PeerLostException">The responder ended before they stood.</exception>
    /// <exception cref="RequestFailedException">The responder could not go on; the status says why.</exception>
    /// <exception cref="TimeoutException">They did not stand by the request's deadline.</exception>
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

    /// <summary>The payload, in place, in pieces; for any length.</summary>
    public ReadOnlySequence<byte> AsSequence() => PayloadSequence.Over(this);

    /// <summary>The payload, in place, as a stream that can seek; for any length. It throws once the response is disposed.</summary>
    public Stream AsStream() => new PayloadStream(this);

    /// <summary>Gives the channel free for the next request.</summary>
    public void Dispose() => _exchange?.Release(_number);

    /// <inheritdoc/>
    public bool Equals(Response other) => _exchange == other._exchange && _number == other._number;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Response other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _number.GetHashCode();

    /// <summary>True if both are the same answer.</summary>
    public static bool operator ==(Response left, Response right) => left.Equals(right);

    /// <summary>True if they are different answers.</summary>
    public static bool operator !=(Response left, Response right) => !left.Equals(right);

    private int LengthOfOnePiece()
    {
        long length = Length;
        return length <= int.MaxValue
            ? (int)length
            : throw new InvalidOperationException($"The payload of {length:N0} bytes is longer than a span can be: use AsStream(), AsSequence() or GetSpan(offset, length).");
    }
}
