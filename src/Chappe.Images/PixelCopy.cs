using System.Runtime.InteropServices;

namespace Chappe.Images;

/// <summary>Copies packed rows to where a turned or mirrored image has them.</summary>
internal static unsafe class PixelCopy
{
    /// <param name="source">Packed rows.</param>
    /// <param name="width">Of a row of the source, in pixels.</param>
    /// <param name="rows">How many.</param>
    /// <param name="pixelSize">In bytes: 1, 2, 3, 4, 6 or 8.</param>
    /// <param name="destination">Where the source's first pixel goes.</param>
    /// <param name="columnStride">From there to the place of the next pixel of the row, in bytes.</param>
    /// <param name="rowStride">From there to the place of the next row's first pixel, in bytes.</param>
    public static void Scatter(byte* source, int width, int rows, int pixelSize, byte* destination, long columnStride, long rowStride)
    {
        switch (pixelSize)
        {
            case 1: Scatter<byte>(source, width, rows, destination, columnStride, rowStride); break;
            case 2: Scatter<ushort>(source, width, rows, destination, columnStride, rowStride); break;
            case 3: Scatter<ThreeBytes>(source, width, rows, destination, columnStride, rowStride); break;
            case 4: Scatter<uint>(source, width, rows, destination, columnStride, rowStride); break;
            case 6: Scatter<SixBytes>(source, width, rows, destination, columnStride, rowStride); break;
            case 8: Scatter<ulong>(source, width, rows, destination, columnStride, rowStride); break;
            default: throw new ArgumentOutOfRangeException(nameof(pixelSize), pixelSize, "Not the size of a pixel.");
        }
    }

    // The inner loop runs along the shorter stride of the destination: scattered reads are cheap from a strip that is in the cache, scattered writes are not.
    private static void Scatter<TPixel>(byte* source, int width, int rows, byte* destination, long columnStride, long rowStride)
        where TPixel : unmanaged
    {
        var pixels = (TPixel*)source;
        bool alongColumns = Math.Abs(columnStride) == sizeof(TPixel);
        int outerCount = alongColumns ? rows : width;
        int innerCount = alongColumns ? width : rows;
        long outerSource = alongColumns ? width : 1;
        long innerSource = alongColumns ? 1 : width;
        long outerStride = alongColumns ? rowStride : columnStride;
        long innerStride = alongColumns ? columnStride : rowStride;

        for (int outer = 0; outer < outerCount; outer++)
        {
            TPixel* from = pixels + outer * outerSource;
            byte* to = destination + outer * outerStride;
            for (int inner = 0; inner < innerCount; inner++)
            {
                *(TPixel*)to = *from;
                from += innerSource;
                to += innerStride;
            }
        }
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct ThreeBytes
    {
        private ushort _first;
        private byte _second;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct SixBytes
    {
        private uint _first;
        private ushort _second;
    }
}
