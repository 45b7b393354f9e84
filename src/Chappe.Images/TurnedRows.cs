using System.Runtime.InteropServices;

namespace Chappe.Images;

/// <summary>Takes the rows of a file as they are decoded, in pieces of any length, and puts their pixels where the upright image has them.</summary>
internal sealed unsafe class TurnedRows : IDisposable
{
    // Rows are gathered so that each place of the destination gets several pixels while it is in the cache.
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

    /// <param name="width">Of the file.</param>
    /// <param name="height">Of the file.</param>
    /// <param name="pixelSize">In bytes.</param>
    /// <param name="orientation">Of the file.</param>
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
