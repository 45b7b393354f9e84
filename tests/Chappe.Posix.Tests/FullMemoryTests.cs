using System.Globalization;

namespace Chappe.Posix.Tests;

/// <summary>A /dev/shm that is full: an exception that says how much was needed and how much there is, never a SIGBUS. Each peer has a small one of its own.</summary>
public class FullMemoryTests
{
    private const string Name = "/full";

    [Fact]
    public async Task Growth_beyond_what_is_free_is_refused_with_the_numbers_and_smaller_growth_works_after()
    {
        using PeerProcess peer = await PeerProcess.StartAsync(sharedMemorySize: "4m");
        Assert.Equal("ok", await peer.AskAsync($"seg create {Name} 1048576"));
        Assert.Equal("ok", await peer.AskAsync($"seg fill {Name} 1048576 7"));
        Assert.Equal($"! SharedMemoryFullException NoSpace {7 << 20} {3 << 20}", await peer.AskAsync($"seg ensure {Name} {8 << 20}"));
        Assert.Equal("1048576", await peer.AskAsync($"seg length {Name}"));
        Assert.Equal("7", await peer.AskAsync($"seg get {Name} 1048575"));
        Assert.Equal($"{3 << 20}", await peer.AskAsync("available"));

        Assert.Equal("ok", await peer.AskAsync($"seg ensure {Name} {2 << 20}"));
        Assert.Equal("ok", await peer.AskAsync($"seg fill {Name} {2 << 20} 8"));
    }

    [Fact]
    public async Task A_segment_may_fill_it_to_the_last_page_and_is_all_writable()
    {
        using PeerProcess peer = await PeerProcess.StartAsync(sharedMemorySize: "4m");
        Assert.Equal("ok", await peer.AskAsync($"seg create {Name} {4 << 20}"));
        Assert.Equal("ok", await peer.AskAsync($"seg fill {Name} {4 << 20} 7"));
        Assert.Equal("0", await peer.AskAsync("available"));
        Assert.Equal("! SharedMemoryFullException NoSpace 1 0", await peer.AskAsync($"seg ensure {Name} {(4 << 20) + 1}"));
        Assert.Equal("! SharedMemoryFullException NoSpace 10 0", await peer.AskAsync($"seg write {Name} {4 << 20} 10"));
        Assert.Equal($"{4 << 20}", await peer.AskAsync($"seg length {Name}"));

        Assert.Equal("! SharedMemoryFullException NoSpace 1 0", await peer.AskAsync("seg create /other 1"));
        Assert.Equal("! SharedMemoryFullException NoSpace 32 0", await peer.AskAsync("sem create /other 0"));
        Assert.Equal("! PosixException NotFound", await peer.AskAsync("seg open /other"));
        Assert.Equal("! PosixException NotFound", await peer.AskAsync("sem open /other"));

        Assert.Equal("True", await peer.AskAsync($"seg delete {Name}"));
    }

    [Fact]
    public async Task Growth_that_fails_in_mid_way_leaves_the_segment_as_it_was()
    {
        // Steps are of 64 MiB: the first succeeds, the second finds it full.
        using PeerProcess peer = await PeerProcess.StartAsync(sharedMemorySize: "100m");
        Assert.Equal("ok", await peer.AskAsync($"seg create {Name} 1000"));
        string available = await peer.AskAsync("available");
        string answer = await peer.AskAsync($"seg grow-blindly {Name} {120 << 20}");
        Assert.Equal($"! SharedMemoryFullException NoSpace {(120 << 20) - Environment.SystemPageSize} {available}", answer);
        Assert.Equal("1000", await peer.AskAsync($"seg length {Name}"));
        Assert.Equal(available, await peer.AskAsync("available"));
        Assert.Equal("ok", await peer.AskAsync($"seg ensure {Name} {80 << 20}"));
    }

    [Fact]
    public async Task Without_inodes_the_numbers_do_not_pretend_that_bytes_are_short()
    {
        using PeerProcess peer = await PeerProcess.StartAsync(sharedMemorySize: "4m,nr_inodes=2");
        Assert.Equal("ok", await peer.AskAsync($"seg create {Name} 1000"));
        string[] words = (await peer.AskAsync("seg create /other 1000")).Split(' ');
        Assert.Equal("SharedMemoryFullException", words[1]);
        Assert.True(int.Parse(words[3], CultureInfo.InvariantCulture) <= int.Parse(words[4], CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task One_without_a_limit_is_not_taken_for_full()
    {
        using PeerProcess peer = await PeerProcess.StartAsync(sharedMemorySize: "0");
        Assert.Equal($"{long.MaxValue}", await peer.AskAsync("available"));
        Assert.Equal("ok", await peer.AskAsync($"seg create {Name} 1048576"));
    }

    [Fact]
    public void The_exception_says_what_to_do()
    {
        var exception = new SharedMemoryFullException("/frames", 8192, 4096);
        Assert.Contains("--shm-size", exception.Message, StringComparison.Ordinal);
        Assert.Contains("size=", exception.Message, StringComparison.Ordinal);
        Assert.Equal((8192, 4096, PosixError.NoSpace, "/frames"), (exception.Needed, exception.Available, exception.Error, exception.ObjectName));
    }
}
