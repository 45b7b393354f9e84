namespace Chappe.Posix.Tests;

/// <summary>A process that cannot start another thread (ulimit -u): blocking waits go on without one, asynchronous ones are refused by a typed exception.</summary>
public class ThreadLimitTests
{
    [Fact]
    public async Task A_blocking_wait_needs_no_other_thread_and_the_best_way_to_wait_is_found_once_threads_can_be_started()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        using PeerProcess peer = await StartBoundPeerAsync(name, semaphore);
        Assert.Equal("waiting", await peer.AskAsync($"sem wait {name} 60000"));
        semaphore.Release();
        Assert.StartsWith("True ", await peer.AnswerAsync(), StringComparison.Ordinal);
        Assert.Equal("False", await peer.AskAsync("has-immediate-waits"));

        Assert.Equal("ok", await peer.AskAsync("permit-threads"));
        Assert.Equal("True", await peer.AskAsync("has-immediate-waits"));
    }

    [Fact]
    public async Task An_asynchronous_wait_is_refused_and_succeeds_once_threads_can_be_started()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        using PeerProcess peer = await StartBoundPeerAsync(name, semaphore);
        Assert.Equal("! PosixException OutOfMemory", await peer.AskAsync($"sem wait-async {name} 60000"));

        Assert.Equal("ok", await peer.AskAsync("permit-threads"));
        semaphore.Release();
        Assert.Equal("True", await peer.AskAsync($"sem wait-async {name} 60000"));
    }

    [Fact]
    public async Task The_thread_of_asynchronous_waits_is_started_again_after_it_was_refused()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        using PeerProcess peer = await StartBoundPeerAsync(name, semaphore, prepare: "has-immediate-waits");
        Assert.Equal("! PosixException OutOfMemory", await peer.AskAsync($"sem wait-async {name} 60000"));
        Assert.Equal("0", await peer.AskAsync($"sem count {name}"));

        Assert.Equal("ok", await peer.AskAsync("permit-threads"));
        peer.Tell($"sem wait-async {name} 60000");
        semaphore.Release();
        Assert.Equal("True", await peer.AnswerAsync());
    }

    /// <summary>The limit counts the threads of a user and does not bind root, so a peer that would be root's runs as another user.</summary>
    private static async Task<PeerProcess> StartBoundPeerAsync(string name, NamedSemaphore semaphore, string? prepare = null)
    {
        File.SetUnixFileMode(PosixName.SemaphorePath(name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        PeerProcess peer = await PeerProcess.StartAsync(asAnotherUser: Machine.IsRoot);
        Assert.Equal("ok", await peer.AskAsync($"sem open {name} owner={semaphore.Status.OwnerUserId}"));
        if (prepare is not null)
        {
            Assert.Equal("True", await peer.AskAsync(prepare));
        }

        Assert.Equal("ok", await peer.AskAsync("forbid-threads"));
        return peer;
    }
}
