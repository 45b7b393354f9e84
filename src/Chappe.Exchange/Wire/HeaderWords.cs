using System.Runtime.InteropServices;

namespace Chappe.Exchange;

/// <summary>The layout of HEAD in shared memory. A request uses the first word, for the length of the name; a response uses all four.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HeaderWords
{
    internal const int Size = 32;

    internal ulong Bytes;
    internal ulong Width;
    internal ulong Height;
    internal ulong Channels;

    /// <summary>The words of a request. A basic responder that answers overwrites each <see cref="ulong.MaxValue"/>.</summary>
    internal static HeaderWords ForRequest(int nameLength) =>
        new() { Bytes = (ulong)nameLength, Width = ulong.MaxValue, Height = ulong.MaxValue, Channels = ulong.MaxValue };

    /// <summary>False once a responder of the basic level has read the request: it truncates HEAD to 8 bytes, which zeroes the other words.</summary>
    internal readonly bool IsUntouchedRequest => Width == ulong.MaxValue && Height == ulong.MaxValue && Channels == ulong.MaxValue;

    internal static HeaderWords For(in ResponseHeader header) =>
        new() { Bytes = (ulong)header.Length, Width = (ulong)header.Width, Height = (ulong)header.Height, Channels = (ulong)header.Channels };

    /// <summary>
    /// Whether a responder of the basic level may have written these words: the last three have changed, and they are either all 0 or the dimensions of
    /// packed 8-bit pixels of that length.
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

    /// <summary>Converts the words to signed numbers.</summary>
    /// <returns>False if one of them is greater than <see cref="long.MaxValue"/>.</returns>
    internal readonly bool TryToHeader(out ResponseHeader header)
    {
        header = new ResponseHeader((long)Bytes, (long)Width, (long)Height, (long)Channels);
        return header is { Length: >= 0, Width: >= 0, Height: >= 0, Channels: >= 0 };
    }
}
