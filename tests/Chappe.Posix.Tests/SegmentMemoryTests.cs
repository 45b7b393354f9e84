using System.Buffers;

namespace Chappe.Posix.Tests;

public class SegmentMemoryTests
{
    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(0, 101)]
    [InlineData(100, 1)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public unsafe void Bytes_outside_the_segment_are_refused(long offset, int length)
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100);
        Assert.Throws<ArgumentOutOfRangeException>(() => { segment.GetSpan(offset, length); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { segment.GetMemory(offset, length); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { segment.GetPointer(offset, length); });
    }

    [Fact]
    public void Nothing_at_the_very_end_is_inside()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100);
        Assert.True(segment.GetSpan(100, 0).IsEmpty);
        Assert.True(segment.GetMemory(100, 0).IsEmpty);
    }

    [Fact]
    public void Read_and_write_copy_and_lengthen()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100);
        segment.Write(90, Enumerable.Repeat((byte)7, 20).ToArray());
        Assert.Equal(110, segment.Length);
        byte[] bytes = new byte[50];
        Assert.Equal(20, segment.Read(90, bytes));
        Assert.Equal(20, bytes.AsSpan().IndexOfAnyExcept((byte)7));
        Assert.Equal(0, segment.Read(110, bytes));
        Assert.Equal(0, segment.Read(1L << 40, bytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Read(-1, bytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Write(-1, bytes));
    }

    [Fact]
    public void After_dispose_every_member_and_every_memory_says_so()
    {
        using var name = new TestName();
        var segment = SharedMemory.Create(name, 100);
        Memory<byte> memory = segment.GetMemory(0, 100);
        segment.Dispose();
        segment.Dispose();
        AssertIsDisposed(segment, memory);
    }

    [Fact]
    public unsafe void Pinned_memory_outlives_dispose_and_every_member_says_so_all_the_same()
    {
        using var name = new TestName();
        using var created = SharedMemory.Create(name, 100);
        var segment = SharedMemory.OpenExisting(name);
        Memory<byte> memory = segment.GetMemory(10, 90);
        MemoryHandle pin = memory.Pin();
        segment.Dispose();
        ((byte*)pin.Pointer)[89] = 7;
        AssertIsDisposed(segment, memory);
        Assert.Equal(1, Mappings(name));
        pin.Dispose();
        Assert.Equal(0, Mappings(name));
        Assert.Equal(7, created.GetSpan(99, 1)[0]);
    }

    [Fact]
    public void A_reference_keeps_the_segment_mapped_until_it_is_given_back()
    {
        using var name = new TestName();
        using var created = SharedMemory.Create(name, 100);
        var segment = SharedMemory.OpenExisting(name);
        segment.AddReference();
        segment.Dispose();
        Assert.Equal(1, Mappings(name));
        Assert.Throws<ObjectDisposedException>(segment.AddReference);
        segment.RemoveReference();
        Assert.Equal(0, Mappings(name));
    }

    [Fact]
    public void A_mapping_is_neither_dumped_nor_copied_into_forked_children()
    {
        using var name = new TestName();
        using var created = SharedMemory.Create(name, 100);
        using var segment = SharedMemory.OpenExisting(name);
        string flags = File.ReadLines("/proc/self/smaps").SkipWhile(line => !line.EndsWith(name.SegmentPath, StringComparison.Ordinal))
            .First(line => line.StartsWith("VmFlags:", StringComparison.Ordinal));
        Assert.Contains(" dd ", flags, StringComparison.Ordinal);
        Assert.Contains(" dc ", flags, StringComparison.Ordinal);
    }

    private static unsafe void AssertIsDisposed(SharedMemory segment, Memory<byte> memory)
    {
        Assert.Throws<ObjectDisposedException>(() => { _ = memory.Span; });
        Assert.Throws<ObjectDisposedException>(() => { memory.Pin(); });
        Assert.Throws<ObjectDisposedException>(() => { segment.GetSpan(0, 1); });
        Assert.Throws<ObjectDisposedException>(() => { segment.GetMemory(0, 1); });
        Assert.Throws<ObjectDisposedException>(() => { segment.GetPointer(0, 1); });
        Assert.Throws<ObjectDisposedException>(() => segment.Length);
        Assert.Throws<ObjectDisposedException>(() => segment.GetStatus());
        Assert.Throws<ObjectDisposedException>(() => segment.EnsureLength(1));
        Assert.Throws<ObjectDisposedException>(() => segment.Read(0, new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => segment.Write(0, new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => segment.TryLock(0));
        Assert.Throws<ObjectDisposedException>(() => segment.IsLocked(0));
        Assert.Throws<ObjectDisposedException>(() => segment.Publish("/x"));
        Assert.Throws<ObjectDisposedException>(segment.AddReference);
    }

    /// <summary>How often it is mapped here by its name: whoever created it mapped it while it had none.</summary>
    private static int Mappings(TestName name) => File.ReadLines("/proc/self/maps").Count(line => line.EndsWith(name.SegmentPath, StringComparison.Ordinal));
}
