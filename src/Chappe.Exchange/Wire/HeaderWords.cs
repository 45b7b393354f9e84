using System.Runtime.InteropServices;

namespace Chappe.Exchange;

/// <summary>HEAD as it stands in shared memory: with a request the name's length and three words of no meaning, with a response all four.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HeaderWords
{
    internal const int Size = 32;

    internal ulong Bytes;
    internal ulong Width;
    internal ulong Height;
    internal ulong Channels;

    /// <summary>The words of a request: what stays at <see cref="ulong.MaxValue"/> no basic responder has answered.</summary>
    internal static HeaderWords ForRequest(int nameLength) =>
        new() { Bytes = (ulong)nameLength, Width = ulong.MaxValue, Height = ulong.MaxValue, Channels = ulong.MaxValue };

    /// <summary>False once a responder of the basic level has looked: it makes HEAD 8 bytes long, which zeroes the rest.</summary>
    internal readonly bool IsUntouchedRequest => Width == ulong.MaxValue && Height == ulong.MaxValue && Channels == ulong.MaxValue;

    internal static HeaderWords For(in ResponseHeader header) =>
        new() { Bytes = (ulong)header.Length, Width = (ulong)header.Width, Height = (ulong)header.Height, Channels = (ulong)header.Channels };

    /// <summary>
    /// Whether a responder of the basic level may have written this: all three words have changed, and the bytes are those of packed
    /// 8-bit pixels or of what is no image.
    /// </summary>
    internal readonly bool LooksLikeBasicAnswer()
    {
        if (Width == ulong.MaxValue || Height == ulong.MaxValue || Channels == ulong.MaxValue)
        {
            return false;
        }

        return (Width == 0 && Height == 0 && Channels == 0)
            || (Math.BigMul(Width, Height, out ulong pixels) == 0 && Math.BigMul(pixels, Channels, out ulong bytes) == 0 && bytes == Bytes);
    }

    /// <summary>The words as numbers that can be counted with; false if one is too large for that.</summary>
    internal readonly bool TryToHeader(out ResponseHeader header)
    {
        header = new ResponseHeader((long)Bytes, (long)Width, (long)Height, (long)Channels);
        return header is { Length: >= 0, Width: >= 0, Height: >= 0, Channels: >= 0 };
    }
}
