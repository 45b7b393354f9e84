using System.Runtime.InteropServices;

namespace Chappe.Images;

/// <summary>Writes decoded rows, received in pieces of any length, to their positions in the upright image.</summary>
internal sealed unsafe class TurnedRows : IDisposable
{
    // Rows are collected so that each cache line of the destination receives several pixels at a time.
    private const int RowsOfStrip = 32;

    private readonly Orientation _orientation;
    private readonly byte* _destination;
    private readonly int _width;
    private readonly int _pixelSize;
    private readonly long _rowLength;
    private readonly byte* _strip;
    private int _rowsLeft;
    private int _rowsDone;
    private long _gathered;

    /// <param name="width">The stored width in pixels.</param>
    /// <param name="height">The stored height in pixels.</param>
    /// <param name="pixelSize">The size of a pixel in bytes.</param>
    /// <param name="orientation">The orientation of the file.</param>
    /// <param name="destination">The upright image.</param>
    public TurnedRows(int width, int height, int pixelSize, Orientation orientation, byte* destination)
    {
        _orientation = orientation;
        _destination = destination;
        _width = width;
        _pixelSize = pixelSize;
        _rowLength = (long)width * pixelSize;
        _rowsLeft = height;
        _strip = (byte*)NativeMemory.Alloc((nuint)_rowLength, RowsOfStrip);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && _rowsLeft > 0)
        {
            int rows = Math.Min(RowsOfStrip, _rowsLeft);
            int count = (int)Math.Min(bytes.Length, (rows * _rowLength) - _gathered);
            bytes[..count].CopyTo(new Span<byte>(_strip + _gathered, count));
            bytes = bytes[count..];
            _gathered += count;
            if (_gathered == rows * _rowLength)
            {
                PutStrip(rows);
            }
        }
    }

    public void Dispose() => NativeMemory.Free(_strip);

    private void PutStrip(int rows)
    {
        byte* first = _destination + _orientation.Origin + (_rowsDone * _orientation.RowStride);
        PixelCopy.Scatter(_strip, _width, rows, _pixelSize, first, _orientation.ColumnStride, _orientation.RowStride);
        _rowsDone += rows;
        _rowsLeft -= rows;
        _gathered = 0;
    }
}
