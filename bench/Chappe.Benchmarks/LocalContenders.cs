using Microsoft.Win32.SafeHandles;
using NetVips;

namespace Chappe.Benchmarks;

/// <summary>The limit of whatever is written and read: one thread copies from one warm private buffer to another, and sums.</summary>
internal sealed class CopyContender() : Contender(Contenders.Copy)
{
    private byte[] _source = [];
    private byte[] _destination = [];

    public override bool CanDo(Work work) => work.Kind == WorkKind.Written;

    protected override void Do(Work work)
    {
        if (_source.Length < work.Size)
        {
            _source = TestFiles.Bytes(work.Size);
            _destination = TestFiles.Bytes(work.Size);
        }

        Span<byte> destination = _destination.AsSpan(0, (int)work.Size);
        _source.AsSpan(0, destination.Length).CopyTo(destination);
        Reading.Sum(destination);
    }
}

/// <summary>The limit of files: one thread reads from the page cache into a warm private buffer, and sums. The file stays open.</summary>
internal sealed class FileReadContender() : Contender(Contenders.FileRead)
{
    private readonly Dictionary<Work, SafeFileHandle> _files = [];
    private byte[] _destination = [];

    public override bool CanDo(Work work) => work.Kind == WorkKind.File;

    public override void Dispose()
    {
        base.Dispose();
        foreach (SafeFileHandle file in _files.Values)
        {
            file.Dispose();
        }
    }

    protected override void Do(Work work)
    {
        if (!_files.TryGetValue(work, out SafeFileHandle? file))
        {
            _files.Add(work, file = File.OpenHandle(TestFiles.PathOf(work)));
        }

        if (_destination.Length < work.Size)
        {
            _destination = TestFiles.Bytes(work.Size);
        }

        Span<byte> destination = _destination.AsSpan(0, (int)work.Size);
        AnswerBuffer.Whole(file, destination);
        Reading.Sum(destination);
    }
}

/// <summary>The limit of pixels: libvips decodes into a warm private buffer.</summary>
internal sealed class DecodeContender() : Contender(Contenders.Decode)
{
    private readonly byte[] _pixels = GC.AllocateArray<byte>(Pictures.Width * Pictures.Height * 3, pinned: true);

    public override bool CanDo(Work work) => work.Kind == WorkKind.Pixels;

    protected override unsafe void Do(Work work)
    {
        fixed (byte* pixels = _pixels)
        {
            using Image image = Image.NewFromFile(TestFiles.PathOf(work), access: Enums.Access.Sequential);
            using Image target = Image.NewFromMemory((nint)pixels, (ulong)_pixels.Length, Pictures.Width, Pictures.Height, 3, Enums.BandFormat.Uchar);
            image.Write(target);
        }
    }
}
