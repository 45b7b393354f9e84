using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Memory over part of a response. Once the response is disposed, access throws an exception instead of faulting.</summary>
internal sealed unsafe class ResponseMemory(Response response, long offset, int length) : MemoryManager<byte>
{
    private readonly object _payload = response.Payload;

    public override Span<byte> GetSpan()
    {
        ReadOnlySpan<byte> span = response.GetSpan(offset, length);
        return MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(span), span.Length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length);
        Span<byte> span = GetSpan();
        AddReference();
        return new MemoryHandle((byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(span)) + elementIndex, pinnable: this);
    }

    public override void Unpin()
    {
        if (_payload is PrivateBuffer copy)
        {
            copy.DangerousRelease();
        }
        else
        {
            ((SharedMemory)_payload).RemoveReference();
        }
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void AddReference()
    {
        if (_payload is PrivateBuffer copy)
        {
            bool added = false;
            copy.DangerousAddRef(ref added);
        }
        else
        {
            ((SharedMemory)_payload).AddReference();
        }
    }
}

/// <summary>A payload as a sequence of pieces of up to 1 GiB.</summary>
internal sealed class PayloadSequence : ReadOnlySequenceSegment<byte>
{
    private const int PieceLength = 1 << 30;

    private PayloadSequence(Response response, long offset, long total)
    {
        int length = (int)Math.Min(PieceLength, total - offset);
        Memory = new ResponseMemory(response, offset, length).Memory;
        RunningIndex = offset;
    }

    internal static ReadOnlySequence<byte> Over(Response response)
    {
        long total = response.Length;
        if (total == 0)
        {
            return ReadOnlySequence<byte>.Empty;
        }

        var first = new PayloadSequence(response, 0, total);
        PayloadSequence last = first;
        for (long offset = PieceLength; offset < total; offset += PieceLength)
        {
            var next = new PayloadSequence(response, offset, total);
            last.Next = next;
            last = next;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
