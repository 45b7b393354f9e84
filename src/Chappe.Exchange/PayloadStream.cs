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
        int length = (int)Math.Clamp(Length - _position, 0, buffer.Length);
        if (length > 0)
        {
            response.GetSpan(_position, length).CopyTo(buffer);
            _position += length;
        }

        return length;
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

    // Memory is there or the call throws: nothing to wait for.
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer, offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancellationToken) : ValueTask.FromResult(Read(buffer.Span));

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
        return position >= 0 ? _position = position : throw new IOException("A position before the beginning was asked for.");
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("A response cannot be written to.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A response cannot be written to.");

    /// <summary>The next mebibyte in place, so that a copy needs no buffer of ours.</summary>
    private ReadOnlySpan<byte> NextPiece()
    {
        int length = (int)Math.Clamp(Length - _position, 0, 1 << 20);
        ReadOnlySpan<byte> piece = response.GetSpan(Math.Min(_position, Length), length);
        _position += length;
        return piece;
    }
}
