using System.Globalization;

namespace Chappe.Posix.Tests;

public class SegmentGrowthTests
{
    [Fact]
    public async Task Growth_by_either_process_is_seen_by_the_other_at_the_same_address()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100);
        nint address = Address(segment);
        using PeerProcess peer = await PeerProcess.StartAsync();
        Assert.Equal("ok", await peer.AskAsync($"seg open {name}"));

        Assert.Equal("ok", await peer.AskAsync($"seg ensure {name} 5000000"));
        Assert.Equal("ok", await peer.AskAsync($"seg put {name} 4999999 42"));
        Assert.Equal(42, segment.GetSpan(4_999_999, 1)[0]);

        segment.EnsureLength(9_000_000);
        segment.GetSpan(8_999_999, 1)[0] = 43;
        Assert.Equal("43", await peer.AskAsync($"seg get {name} 8999999"));
        Assert.Equal(address, Address(segment));
    }

    [Fact]
    public void To_grow_to_less_changes_nothing_and_what_was_there_stays()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 5_000);
        segment.GetSpan(0, 5_000).Fill(7);
        segment.EnsureLength(0);
        segment.EnsureLength(4_999);
        Assert.Equal(5_000, segment.Length);
        segment.EnsureLength(50_000);
        Assert.Equal(5_000, segment.GetSpan(0, 50_000).IndexOfAnyExcept((byte)7));
        Assert.Equal(-1, segment.GetSpan(5_000, 45_000).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Growth_beyond_the_maximum_is_refused()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100, new SharedMemoryOptions { MaxLength = 8192 });
        Assert.Equal(8192, segment.MaxLength);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.EnsureLength(8193));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.EnsureLength(long.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.EnsureLength(-1));
        segment.EnsureLength(8192);
    }

    [Fact]
    public async Task Where_a_peer_with_a_larger_maximum_grew_it_no_byte_beyond_our_mapping_is_handed_out()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100, new SharedMemoryOptions { MaxLength = 65_536 });
        using PeerProcess peer = await PeerProcess.StartAsync();
        Assert.Equal("ok", await peer.AskAsync($"seg open {name}"));
        Assert.Equal("ok", await peer.AskAsync($"seg ensure {name} 1000000"));
        Assert.Equal(1_000_000, segment.Length);
        segment.GetSpan(0, 65_536).Fill(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => { segment.GetSpan(65_536, 1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { segment.GetSpan(0, 65_537); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { segment.GetMemory(900_000, 1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.Write(65_536, [1]));
    }

    [Fact]
    public void An_existing_segment_that_is_longer_than_the_maximum_is_mapped_whole()
    {
        using var name = new TestName();
        using var created = SharedMemory.Create(name, 1_000_000);
        using var opened = SharedMemory.OpenExisting(name, new SharedMemoryOptions { MaxLength = 1 });
        Assert.Equal(1_000_000, opened.MaxLength);
        opened.GetSpan(999_999, 1)[0] = 1;
    }

    [Fact]
    public async Task Bytes_that_a_peer_cut_off_are_refused_once_it_is_known()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100_000);
        using PeerProcess peer = await PeerProcess.StartCAsync();
        Assert.Equal("0", await peer.AskAsync($"shm_open {name}"));
        Assert.Equal("0", await peer.AskAsync("ftruncate 8"));
        Assert.Equal(8, segment.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => { segment.GetSpan(0, 9); });
        Assert.Equal(8, segment.Read(0, new byte[100]));
        segment.EnsureLength(100_000);
        segment.GetSpan(0, 100_000).Fill(1);
    }

    [Fact]
    public async Task A_hole_is_not_handed_out_and_growing_fills_it()
    {
        using var name = new TestName();
        using PeerProcess peer = await PeerProcess.StartCAsync();
        Assert.Equal("0", await peer.AskAsync($"shm_create {name}"));
        int page = Environment.SystemPageSize;
        Assert.Equal("0", await peer.AskAsync($"ftruncate {4 * page}"));
        Assert.Equal("0", await peer.AskAsync("put 0 1"));
        Assert.Equal("0", await peer.AskAsync($"put {2 * page} 1"));

        // Two pages have memory, but not the first two.
        using var segment = SharedMemory.OpenExisting(name);
        FileStatus status = segment.GetStatus();
        Assert.Equal((4 * page, 2 * page), (status.Length, status.AllocatedLength));
        Assert.Equal(1, segment.GetSpan(0, page)[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => { segment.GetSpan(page, 1); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { segment.GetSpan(2 * page, 1); });

        segment.EnsureLength(4 * page);
        Assert.Equal(4 * page, segment.GetStatus().AllocatedLength);
        Assert.Equal(1, segment.GetSpan(2 * page, page)[0]);
    }

    [Fact]
    public async Task A_segment_that_is_all_hole_hands_out_nothing_until_it_is_filled()
    {
        using var name = new TestName();
        using PeerProcess peer = await PeerProcess.StartCAsync();
        Assert.Equal("0", await peer.AskAsync($"shm_create {name}"));
        Assert.Equal("0", await peer.AskAsync("ftruncate 32"));
        using var segment = SharedMemory.OpenExisting(name);
        Assert.Equal(32, segment.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => { segment.GetSpan(0, 1); });
        segment.EnsureLength(32);
        segment.GetSpan(0, 32).Fill(1);
    }

    [Fact]
    public void More_than_two_gigabytes_are_addressed_with_all_their_bytes()
    {
        const long Length = 3L << 30;
        Machine.Require(SharedMemory.AvailableBytes > Length + (1L << 30), "less than 4 GiB free in /dev/shm");
        Machine.Require(AvailableMemory() > Length + (2L << 30), "less than 5 GiB of memory available");
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, Length);
        SharedMemory.Delete(name);
        Assert.Equal((Length, Length), (segment.Length, segment.GetStatus().AllocatedLength));
        segment.GetSpan(Length - 10, 10).Fill(7);
        segment.GetMemory((2L << 30) + 5, 1).Span[0] = 8;
        byte[] end = new byte[20];
        Assert.Equal(10, segment.Read(Length - 10, end));
        Assert.Equal(7, end[9]);
        Assert.Equal(1, segment.Read((2L << 30) + 5, end.AsSpan(0, 1)));
        Assert.Equal(8, end[0]);
    }

    private static unsafe nint Address(SharedMemory segment) => (nint)segment.GetPointer(0, 1);

    private static long AvailableMemory()
    {
        string line = File.ReadLines("/proc/meminfo").First(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
