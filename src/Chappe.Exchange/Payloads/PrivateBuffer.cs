using System.Runtime.InteropServices;
using Chappe.Posix;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Exchange;

/// <summary>Private memory for the payloads of an untrusted peer. It is reused in later exchanges.</summary>
internal sealed unsafe class PrivateBuffer : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>The largest read or write. The system shortens larger ones (read(2)).</summary>
    private const int LargestMove = 1 << 30;

    private const long SmallestCapacity = 64 << 10;

    /// <exception cref="InsufficientMemoryException">This process does not have enough memory.</exception>
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

    /// <summary>Returns the buffer if it is large enough; otherwise disposes it and returns a larger one.</summary>
    internal static PrivateBuffer WithRoom(PrivateBuffer? buffer, long length)
    {
        // The buffer is closed if an earlier attempt to allocate a larger one failed.
        if (buffer is { IsClosed: false } && buffer.Capacity >= length)
        {
            return buffer;
        }

        buffer?.Dispose();
        return new PrivateBuffer(length);
    }

    /// <summary>Copies the contents to a larger buffer and adds this one to those to be disposed when they are no longer in use.</summary>
    internal void MoveTo(PrivateBuffer larger, List<PrivateBuffer> outgrown)
    {
        NativeMemory.Copy(Pointer, larger.Pointer, (nuint)Capacity);
        outgrown.Add(this);
    }

    /// <summary>Copies from the beginning of a segment. Returns false if the segment is shorter.</summary>
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
