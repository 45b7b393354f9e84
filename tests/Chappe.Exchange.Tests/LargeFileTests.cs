using Chappe.Posix;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Exchange.Tests;

/// <summary>Payloads beyond what an int can count.</summary>
public sealed class LargeFileTests : ExchangeTest
{
    private const long Length = (3L << 30) + 12345;
    private const int Piece = 16 << 20;

    [Fact]
    public async Task A_file_of_3_GiB_arrives_intact()
    {
        Machine.Require(SharedMemory.AvailableBytes > Length + (256L << 20), "/dev/shm has no room for 3 GiB");
        using SafeFileHandle source = MakeSparseFile(Directory["large.bin"]);
        Requester requester = Own();
        await StartFileResponderAsync();

        // Six seconds on an idle machine, and minutes on one with too much to do.
        using Response response = requester.Request("large", new RequestOptions { Timeout = TimeSpan.FromMinutes(10) });

        Assert.Equal(Length, response.Length);
        Assert.Throws<InvalidOperationException>(() => _ = response.Span);
        Assert.Throws<InvalidOperationException>(() => _ = response.Memory);
        Assert.Equal(Length, response.AsSequence().Length);

        byte[] expected = new byte[Piece];
        for (long offset = 0; offset < Length; offset += Piece)
        {
            int length = (int)Math.Min(Piece, Length - offset);
            Assert.Equal(length, RandomAccess.Read(source, expected.AsSpan(0, length), offset));
            Assert.True(expected.AsSpan(0, length).SequenceEqual(response.GetSpan(offset, length)), $"The bytes from {offset:N0} on differ.");
        }

        AssertStreamReadsTheEnd(response);
    }

    private static void AssertStreamReadsTheEnd(in Response response)
    {
        using Stream stream = response.AsStream();
        stream.Seek(-5000, SeekOrigin.End);
        byte[] end = new byte[5000];
        stream.ReadExactly(end);
        Assert.Equal(response.GetSpan(Length - 5000, 5000), end);
        Assert.Equal(-1, stream.ReadByte());
    }

    /// <summary>Bytes here and there: at the ends, around 2 GiB, and where 32 bits would wrap around.</summary>
    private static SafeFileHandle MakeSparseFile(string path)
    {
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        byte[] page = new byte[4096];
        var random = new Random(3);
        foreach (long offset in (long[])[0, 1L << 30, int.MaxValue - 2048, int.MaxValue + 1L, Length - 4096, .. Enumerable.Range(0, 100).Select(_ => random.NextInt64(Length - 4096))])
        {
            random.NextBytes(page);
            RandomAccess.Write(file, page, offset);
        }

        return file;
    }
}
