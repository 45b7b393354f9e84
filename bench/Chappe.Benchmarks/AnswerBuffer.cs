using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Benchmarks;

/// <summary>A warm private buffer that holds an answer: 8 bytes, its length, and the payload. A file is read into it with one call.</summary>
internal sealed class AnswerBuffer(string directory)
{
    public const int LengthSize = sizeof(ulong);

    private byte[] _bytes = [];

    /// <summary>Length and payload.</summary>
    public ReadOnlyMemory<byte> Of(Work work) => Of(work, LengthSize + work.Size);

    public ReadOnlyMemory<byte> Of(Work work, long total)
    {
        if (_bytes.Length < total)
        {
            _bytes = TestFiles.Bytes(total);
        }

        Memory<byte> answer = _bytes.AsMemory(0, (int)total);
        BinaryPrimitives.WriteUInt64LittleEndian(answer.Span, (ulong)work.Size);
        if (work.Kind == WorkKind.File)
        {
            using SafeFileHandle file = File.OpenHandle(Path.Combine(directory, TestFiles.NameOf(work)));
            Whole(file, answer.Span[LengthSize..]);
        }

        return answer;
    }

    /// <summary>Reads until the buffer is full.</summary>
    public static void Whole(SafeFileHandle file, Span<byte> destination)
    {
        for (int offset = 0; offset < destination.Length;)
        {
            int read = RandomAccess.Read(file, destination[offset..], offset);
            offset += read > 0 ? read : throw new EndOfStreamException();
        }
    }
}
