using System.Runtime.InteropServices;
using Chappe.Posix;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Exchange;

/// <summary>Memory that no other process sees, for the payloads of a peer that is not trusted. Kept from one exchange to the next.</summary>
internal sealed unsafe class PrivateBuffer : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>How much one read or write may move: more returns short (read(2)).</summary>
    private const int LargestMove = 1 << 30;

    private const long SmallestCapacity = 64 << 10;

    /// <exception cref="InsufficientMemoryException">This process has not that much memory.</exception>
    internal PrivateBuffer(long capacity)
        : base(ownsHandle: true)
    {
        capacity = Math.Max(capacity, SmallestCapacity);
        try
        {
            SetHandle((nint)NativeMemory.Alloc((nuint)capacity));
        }
        catch (OutOfMemoryException exception)
        {
            throw new InsufficientMemoryException(
                $"This process has no memory for a private copy of {capacity:N0} bytes of payload. Give it more, or lower MaxPayloadLength.", exception);
        }

        Capacity = capacity;
    }

    internal long Capacity { get; }

    internal byte* Pointer => (byte*)handle;

    /// <summary>Gives this buffer, or a larger one in its place.</summary>
    internal static PrivateBuffer WithRoom(PrivateBuffer? buffer, long length)
    {
        // One whose larger successor could not be had is closed.
        if (buffer is { IsClosed: false } && buffer.Capacity >= length)
        {
            return buffer;
        }

        buffer?.Dispose();
        return new PrivateBuffer(length);
    }

    /// <summary>Copies all to a larger buffer, and leaves this one to be disposed when nobody uses it any more.</summary>
    internal void MoveTo(PrivateBuffer larger, List<PrivateBuffer> outgrown)
    {
        NativeMemory.Copy(Pointer, larger.Pointer, (nuint)Capacity);
        outgrown.Add(this);
    }

    /// <summary>Copies the beginning of a segment; false if the segment ends before.</summary>
    internal bool TryFill(SharedMemory segment, long length)
    {
        for (long offset = 0; offset < length;)
        {
            int read = segment.Read(offset, new Span<byte>(Pointer + offset, (int)Math.Min(LargestMove, length - offset)));
            if (read == 0)
            {
                return false;
            }

            offset += read;
        }

        return true;
    }

    /// <summary>Copies to the beginning of a segment.</summary>
    internal void CopyTo(SharedMemory segment, long length)
    {
        for (long offset = 0; offset < length; offset += LargestMove)
        {
            segment.Write(offset, new ReadOnlySpan<byte>(Pointer + offset, (int)Math.Min(LargestMove, length - offset)));
        }
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
