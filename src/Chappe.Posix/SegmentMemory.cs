using System.Buffers;

namespace Chappe.Posix;

/// <summary>Memory over a part of a segment. Once the segment is disposed, it throws instead of faulting.</summary>
internal sealed unsafe class SegmentMemory(SharedMemory segment, long offset, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(segment.IsDisposed, segment);
        return new Span<byte>(segment.Pointer + offset, length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length);
        segment.AddReference();
        return new MemoryHandle(segment.Pointer + offset + elementIndex, pinnable: this);
    }

    public override void Unpin() => segment.RemoveReference();

    protected override void Dispose(bool disposing)
    {
    }
}
