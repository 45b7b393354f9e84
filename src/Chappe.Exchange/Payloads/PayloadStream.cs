namespace Chappe.Exchange;

/// <summary>Reads a response in place.</summary>
internal sealed class PayloadStream(Response response) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => response.Length;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        ReadOnlySpan<byte> piece = NextPiece(buffer.Length);
        piece.CopyTo(buffer);
        return piece.Length;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 1 ? one[0] : -1;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (buffer.Length > 0 && _position < Length)
        {
            await response.WaitForAsync(_position + 1, cancellationToken).ConfigureAwait(false);
        }

        return Read(buffer.Span);
    }

    public override void CopyTo(Stream destination, int bufferSize)
    {
        ValidateCopyToArguments(destination, bufferSize);
        while (NextPiece() is { Length: > 0 } piece)
        {
            destination.Write(piece);
        }
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        long start = origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            SeekOrigin.End => Length,
            _ => throw new ArgumentOutOfRangeException(nameof(origin)),
        };

        long position = start + offset;
        return position >= 0 ? _position = position : throw new IOException("Cannot seek to a position before the beginning.");
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("A response is read-only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A response is read-only.");

    /// <summary>
    /// Returns the available bytes at the position, in place, and advances. Waits for the first of them, which is missing only in a streamed response.
    /// </summary>
    private ReadOnlySpan<byte> NextPiece(int atMost = 1 << 20)
    {
        long rest = Length - _position;
        if (rest <= 0 || atMost == 0)
        {
            return default;
        }

        response.WaitFor(_position + 1);
        int length = (int)Math.Min(Math.Min(rest, atMost), response.AvailableLength - _position);
        ReadOnlySpan<byte> piece = response.GetSpan(_position, length);
        _position += length;
        return piece;
    }
}
