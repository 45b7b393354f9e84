using System.Globalization;

namespace Chappe.Posix.Tests;

/// <summary>EINTR: signals that the runtime handles must neither end a wait nor keep a segment from growing.</summary>
public class SignalTests
{
    private const int SIGCONT = 18;
    private const int SIGWINCH = 28;

    [Fact]
    public async Task Signals_do_not_end_a_wait_before_its_time()
    {
        using var name = new TestName();
        using PeerProcess peer = await PeerProcess.StartAsync();
        Assert.Equal("ok", await peer.AskAsync($"sem create {name} 0"));
        Assert.Equal("waiting", await peer.AskAsync($"sem wait {name} 700"));
        string[] answer = (await UnderSignalsAsync(peer)).Split(' ');
        Assert.Equal("False", answer[0]);
        Assert.InRange(int.Parse(answer[1], CultureInfo.InvariantCulture), 699, 60_000);
    }

    [Fact]
    public async Task Among_signals_a_release_still_ends_a_wait()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        using PeerProcess peer = await PeerProcess.StartAsync();
        Assert.Equal("ok", await peer.AskAsync($"sem open {name}"));
        Assert.Equal("waiting", await peer.AskAsync($"sem wait {name} 60000"));
        Task<string> answer = UnderSignalsAsync(peer);
        semaphore.Release();
        Assert.StartsWith("True", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Among_signals_a_large_segment_still_grows()
    {
        const long Length = 192L << 20;
        Machine.Require(SharedMemory.AvailableBytes > 2 * Length, "less than 400 MB free in /dev/shm");
        using var name = new TestName();
        using PeerProcess peer = await PeerProcess.StartAsync();
        peer.Tell($"seg create {name} {Length}");
        Assert.Equal("ok", await UnderSignalsAsync(peer));
        Assert.True(SharedMemory.TryGetStatus(name, out FileStatus status));
        Assert.Equal((Length, Length), (status.Length, status.AllocatedLength));
    }

    /// <summary>Signals the peer about every millisecond until it answers.</summary>
    private static async Task<string> UnderSignalsAsync(PeerProcess peer)
    {
        Task<string> answer = peer.AnswerAsync();
        while (!answer.IsCompleted)
        {
            Assert.Equal(0, Machine.Signal(peer.Id, SIGWINCH));
            Assert.Equal(0, Machine.Signal(peer.Id, SIGCONT));
            await Task.WhenAny(answer, Task.Delay(1));
        }

        return await answer;
    }
}
