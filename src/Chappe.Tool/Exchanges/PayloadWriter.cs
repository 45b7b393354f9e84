using Chappe.Exchange;
using Chappe.Images;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Tool;

/// <summary>Writes a payload from its segment to a file or a stream.</summary>
internal static class PayloadWriter
{
    private const int ChunkLength = 4 << 20;

    public static void WriteBytes(Response response, string path, ProgressLine progress, CancellationToken cancellationToken)
    {
        long length = response.Length;

        // Reserving the space first detects a full disk before anything is written.
        using SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, preallocationSize: length);
        for (long offset = 0; offset < length; offset += ChunkLength)
        {
            cancellationToken.ThrowIfCancellationRequested();
            RandomAccess.Write(file, response.GetSpan(offset, (int)Math.Min(ChunkLength, length - offset)), offset);
            progress.Report(Math.Min(offset + ChunkLength, length));
        }
    }

    public static void WriteBytes(Response response, Stream stream, ProgressLine progress, CancellationToken cancellationToken)
    {
        long length = response.Length;
        for (long offset = 0; offset < length; offset += ChunkLength)
        {
            cancellationToken.ThrowIfCancellationRequested();
            stream.Write(response.GetSpan(offset, (int)Math.Min(ChunkLength, length - offset)));
            progress.Report(Math.Min(offset + ChunkLength, length));
        }
    }

    public static unsafe void WritePixels(Response response, string path, string extension)
    {
        ResponseHeader header = response.Header;
        ElementType elementType = response.Description.ElementType is var stated and not ElementType.None ? stated : ElementType.UInt8;
        if (elementType is not (ElementType.UInt8 or ElementType.UInt16))
        {
            throw new NotSupportedException($"Pixels with {elementType} samples cannot be encoded. Ask for the file instead (--want file).");
        }

        long expected = checked(header.Width * header.Height * header.Channels * PayloadDescription.SizeOf(elementType));
        if (expected == 0 || expected != response.Length)
        {
            throw new InvalidDataException(
                $"{header.Width} × {header.Height} × {header.Channels} pixels with {elementType} samples take {expected} bytes, but the payload has {response.Length}.");
        }

        ImageFile.WritePixels(
            response.GetPointer(), response.Length, checked((int)header.Width), checked((int)header.Height), checked((int)header.Channels), elementType, path, extension);
    }
}
