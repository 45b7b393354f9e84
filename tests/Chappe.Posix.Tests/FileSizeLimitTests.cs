namespace Chappe.Posix.Tests;

/// <summary>A limit on the length of files (ulimit -f), beyond which the kernel kills the process by SIGXFSZ: an exception instead.</summary>
public class FileSizeLimitTests
{
    private const int Limit = 128 * 512;

    [Fact]
    public async Task Growth_beyond_the_limit_is_refused_and_the_segment_stays_usable()
    {
        using var name = new TestName();
        using PeerProcess peer = await StartLimitedAsync();
        Assert.Equal("ok", await peer.AskAsync($"seg create {name} 1000"));
        Assert.Equal("! PosixException TooLarge", await peer.AskAsync($"seg ensure {name} {Limit + 1}"));
        Assert.Equal("1000", await peer.AskAsync($"seg length {name}"));
        Assert.Equal("ok", await peer.AskAsync($"seg ensure {name} {Limit}"));
        Assert.Equal("ok", await peer.AskAsync($"seg fill {name} {Limit} 7"));
    }

    [Fact]
    public async Task A_segment_longer_than_the_limit_is_not_created()
    {
        using var name = new TestName();
        using PeerProcess peer = await StartLimitedAsync();
        Assert.Equal("! PosixException TooLarge", await peer.AskAsync($"seg create {name} {Limit + 1}"));
        Assert.Equal("! PosixException NotFound", await peer.AskAsync($"seg open {name}"));
        Assert.Equal("ok", await peer.AskAsync($"seg create {name} {Limit}"));
    }

    [Fact]
    public async Task A_write_beyond_the_limit_is_refused_also_where_the_segment_is_long_enough()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 2 * Limit);
        using PeerProcess peer = await StartLimitedAsync();
        Assert.Equal("ok", await peer.AskAsync($"seg open {name}"));
        Assert.Equal("! PosixException TooLarge", await peer.AskAsync($"seg write {name} {Limit} 1"));
        Assert.Equal("! PosixException TooLarge", await peer.AskAsync($"seg write {name} {Limit - 1} 2"));
        Assert.Equal("ok", await peer.AskAsync($"seg write {name} {Limit - 1} 1"));
        Assert.Equal("ok", await peer.AskAsync($"seg put {name} {Limit} 7"));
    }

    [Fact]
    public async Task Where_no_file_may_have_any_length_a_semaphore_cannot_be_created_but_one_that_exists_can_be_used()
    {
        using var name = new TestName();
        using var other = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        using PeerProcess peer = await StartLimitedAsync(blocks: 0);
        Assert.Equal("! PosixException TooLarge", await peer.AskAsync($"sem create {other} 0"));
        Assert.Equal("ok", await peer.AskAsync($"sem open {name}"));
        Assert.Equal("ok", await peer.AskAsync($"sem release {name} 1"));
        Assert.True(semaphore.TryWait());
    }

    /// <summary>Without this setting the runtime creates a 2 GiB file for the double mapping of machine code, and fails at the limit.</summary>
    private static Task<PeerProcess> StartLimitedAsync(int blocks = Limit / 512) =>
        PeerProcess.StartAsync(shell: $"export DOTNET_EnableWriteXorExecute=0 && ulimit -f {blocks}");
}
