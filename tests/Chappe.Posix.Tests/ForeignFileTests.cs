namespace Chappe.Posix.Tests;

/// <summary>What may stand under a name without being what was asked for. To map a semaphore that is too short is to die at the first post.</summary>
public class ForeignFileTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(4096)]
    public void A_file_of_another_length_is_no_semaphore(int length)
    {
        using var name = new TestName();
        File.WriteAllBytes(name.SemaphorePath, new byte[length]);
        AssertIsNoSemaphore(name);
        Assert.Equal(length, new FileInfo(name.SemaphorePath).Length);
    }

    [Fact]
    public void A_directory_is_neither()
    {
        using var name = new TestName();
        Directory.CreateDirectory(name.SemaphorePath);
        Directory.CreateDirectory(name.SegmentPath);
        AssertIsNoSemaphore(name);
        AssertIsNoSegment(name);
    }

    [Fact]
    public void A_symbolic_link_is_neither_even_to_one()
    {
        using var real = new TestName();
        using var semaphore = NamedSemaphore.Create(real);
        using var segment = SharedMemory.Create(real, 100);
        using var name = new TestName();
        File.CreateSymbolicLink(name.SemaphorePath, real.SemaphorePath);
        File.CreateSymbolicLink(name.SegmentPath, real.SegmentPath);
        AssertIsNoSemaphore(name);
        AssertIsNoSegment(name);
    }

    [Fact]
    public void A_dangling_symbolic_link_is_neither_and_nothing_is_made_through_it()
    {
        using var target = new TestName();
        using var name = new TestName();
        File.CreateSymbolicLink(name.SemaphorePath, target.SemaphorePath);
        File.CreateSymbolicLink(name.SegmentPath, target.SegmentPath);
        AssertIsNoSemaphore(name);
        AssertIsNoSegment(name);
        Assert.False(File.Exists(target.SemaphorePath));
        Assert.False(File.Exists(target.SegmentPath));
    }

    [Fact]
    public void A_fifo_is_neither_and_blocks_nobody()
    {
        using var name = new TestName();
        Assert.Equal(0, Machine.MakeFifo(name.SemaphorePath, 0x180));
        Assert.Equal(0, Machine.MakeFifo(name.SegmentPath, 0x180));
        AssertIsNoSemaphore(name);
        AssertIsNoSegment(name);
    }

    [Fact]
    public void A_segment_that_was_not_given_a_length_yet_can_be_opened_and_has_none()
    {
        using var name = new TestName();
        File.WriteAllBytes(name.SegmentPath, []);
        using var segment = SharedMemory.OpenExisting(name);
        Assert.Equal(0, segment.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => { segment.GetSpan(0, 1); });
        segment.EnsureLength(10);
        segment.GetSpan(0, 10).Fill(1);
    }

    private static void AssertIsNoSemaphore(string name)
    {
        Assert.Equal(PosixError.InvalidObject, Assert.Throws<PosixException>(() => NamedSemaphore.OpenExisting(name)).Error);
        Assert.Equal(PosixError.InvalidObject, Assert.Throws<PosixException>(() => NamedSemaphore.TryOpenExisting(name, out _)).Error);
        Assert.Equal(PosixError.InvalidObject, Assert.Throws<PosixException>(() => NamedSemaphore.OpenOrCreate(name)).Error);
        Assert.Equal(PosixError.AlreadyExists, Assert.Throws<PosixException>(() => NamedSemaphore.Create(name)).Error);
    }

    private static void AssertIsNoSegment(string name)
    {
        Assert.Equal(PosixError.InvalidObject, Assert.Throws<PosixException>(() => SharedMemory.OpenExisting(name)).Error);
        Assert.Equal(PosixError.InvalidObject, Assert.Throws<PosixException>(() => SharedMemory.TryOpenExisting(name, out _)).Error);
        Assert.Equal(PosixError.InvalidObject, Assert.Throws<PosixException>(() => SharedMemory.OpenOrCreate(name, 1)).Error);
        Assert.Equal(PosixError.AlreadyExists, Assert.Throws<PosixException>(() => SharedMemory.Create(name, 1)).Error);
    }
}
