using System.Runtime.InteropServices;

namespace Chappe.Images;

/// <summary>Copies packed rows to their positions in a rotated or mirrored image.</summary>
internal static unsafe class PixelCopy
{
    /// <param name="source">Packed rows.</param>
    /// <param name="width">The length of a row in pixels.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="pixelSize">The size of a pixel in bytes: 1, 2, 3, 4, 6 or 8.</param>
    /// <param name="destination">The position of the first pixel.</param>
    /// <param name="columnStride">The distance to the next pixel of the same row, in bytes.</param>
    /// <param name="rowStride">The distance to the first pixel of the next row, in bytes.</param>
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
            default: throw new ArgumentOutOfRangeException(nameof(pixelSize), pixelSize, "Not a size of a pixel.");
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
