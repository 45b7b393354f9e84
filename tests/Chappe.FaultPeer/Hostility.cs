using Chappe.Exchange;
using Chappe.Posix;
using Microsoft.Win32.SafeHandles;

namespace Chappe.FaultPeer;

/// <summary>A hostile peer's view of a channel: the four objects and CTRL, which it opens and maps itself, and a source of unexpected numbers.</summary>
internal sealed unsafe class Hostility : IDisposable
{
    private static readonly ulong[] Numbers =
    [
        0, 1, 7, 31, 32, 33, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 1, 1ul << 31, 1ul << 32, (1ul << 32) + 1,
        1ul << 62, long.MaxValue, 1ul << 63, (1ul << 63) + 1, ulong.MaxValue - 1, ulong.MaxValue,
    ];

    private readonly ChannelName _channel;
    private readonly ControlSegment _control;
    private SafeFileHandle? _headerFile;
    private SafeFileHandle? _dataFile;
    private SharedMemory? _header;

    internal Hostility(ChannelName channel, int seed)
    {
        _channel = channel;
        Random = new Random(seed);
        _control = ControlSegment.TryOpen(channel.ControlSegment, new SharedObjectOptions(), out ControlSegment? control)
            ? control
            : throw new InvalidOperationException("There is no channel to be hostile on.");
        Reopen();
    }

    internal Random Random { get; }

    internal ref ControlPage Page => ref _control.Page;

    internal ControlSegment Control => _control;

    internal NamedSemaphore Requests { get; private set; } = null!;

    internal NamedSemaphore Responses { get; private set; } = null!;

    /// <summary>HEAD's page is there as long as its file has one byte, and it is never given less.</summary>
    internal ref HeaderWords Words => ref *(HeaderWords*)_header!.GetPointer(0, 1);

    /// <summary>Opens what stands under the names by now; false if they do not all stand.</summary>
    internal bool Reopen()
    {
        Close();
        try
        {
            _header = SharedMemory.OpenExisting(_channel.HeaderSegment, new SharedMemoryOptions { MaxLength = 4096 });
            _headerFile = File.OpenHandle("/dev/shm" + _channel.HeaderSegment, access: FileAccess.ReadWrite, share: FileShare.ReadWrite);
            _dataFile = File.OpenHandle("/dev/shm" + _channel.DataSegment, access: FileAccess.ReadWrite, share: FileShare.ReadWrite);
            Requests = NamedSemaphore.OpenExisting(_channel.RequestSemaphore);
            Responses = NamedSemaphore.OpenExisting(_channel.ResponseSemaphore);
            return _header.Length > 0;
        }
        catch (Exception exception) when (exception is IOException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    internal ulong Number() => Random.Next(4) == 0 ? (ulong)Random.NextInt64() : Numbers[Random.Next(Numbers.Length)];

    internal HeaderWords AnyWords()
    {
        if (Random.Next(2) == 0)
        {
            return new HeaderWords { Bytes = Number(), Width = Number(), Height = Number(), Channels = Number() };
        }

        ulong width = (ulong)Random.Next(70), height = (ulong)Random.Next(70), channels = (ulong)Random.Next(5);
        return new HeaderWords { Bytes = width * height * channels, Width = width, Height = height, Channels = channels };
    }

    /// <summary>Writes an unexpected word to a random place in a part of CTRL.</summary>
    internal void Scribble(int from, int to)
    {
        fixed (ControlPage* page = &Page)
        {
            *(ulong*)((byte*)page + (Random.Next(from, to) & ~7)) = Number();
        }
    }

    internal void TruncateHeader() => RandomAccess.SetLength(_headerFile!, Random.Next(1, 4097));

    /// <summary>A peer that is trusted is looked at anew once in a tick of the coarse clock, and clocks may be late where processors are shared.</summary>
    internal static void WaitForTick()
    {
        long tick = Environment.TickCount64;
        SpinWait.SpinUntil(() => Environment.TickCount64 != tick);
    }

    internal void TruncateData() => RandomAccess.SetLength(_dataFile!, Random.Next(3) == 0 ? 0 : Random.Next(1, 300_000));

    internal void WriteData(int length)
    {
        byte[] bytes = new byte[length];
        Random.NextBytes(bytes);
        RandomAccess.Write(_dataFile!, bytes, 0);
    }

    internal void Flood(NamedSemaphore semaphore) => semaphore.Release(Random.Next(200) == 0 ? 70_000 : Random.Next(1, 4));

    public void Dispose()
    {
        Close();
        _control.Dispose();
    }

    private void Close()
    {
        _header?.Dispose();
        _headerFile?.Dispose();
        _dataFile?.Dispose();
        Requests?.Dispose();
        Responses?.Dispose();
    }
}
