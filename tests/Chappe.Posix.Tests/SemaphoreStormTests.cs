using System.Globalization;
using Chappe.Posix.Peer;

namespace Chappe.Posix.Tests;

/// <summary>Waiters of several processes that try, time out and are cancelled at random, while others post: what is posted is taken once or still there.</summary>
public class SemaphoreStormTests
{
    private const int Posts = 20_000;
    private const int Seed = 1794;

    [Fact]
    public async Task No_token_is_lost_or_made_among_cancelled_waiters_of_three_processes()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        using PeerProcess first = await PeerProcess.StartAsync();
        using PeerProcess second = await PeerProcess.StartAsync();
        foreach (PeerProcess peer in new[] { first, second })
        {
            Assert.Equal("ok", await peer.AskAsync($"sem open {name}"));
            Assert.Equal("ok", await peer.AskAsync($"sem storm {name} 4 {Seed + peer.Id}"));
        }

        var own = new WaitStorm(semaphore, waiters: 4, Seed);
        for (int i = 0; i < Posts / 4; i++)
        {
            semaphore.Release(4);
            if (i % 16 == 0)
            {
                await Task.Yield();
            }
        }

        Assert.Equal(Posts, await CountAsync(semaphore, own, name, first, second));
    }

    [Fact]
    public async Task No_token_is_lost_or_made_between_a_poster_in_C_and_cancelled_waiters()
    {
        using var name = new TestName();
        using PeerProcess poster = await PeerProcess.StartCAsync();
        Assert.Equal("0", await poster.AskAsync($"sem_create {name} 0"));
        using var semaphore = NamedSemaphore.OpenExisting(name);
        using PeerProcess peer = await PeerProcess.StartAsync();
        Assert.Equal("ok", await peer.AskAsync($"sem open {name}"));
        Assert.Equal("ok", await peer.AskAsync($"sem storm {name} 2 {Seed}"));
        var own = new WaitStorm(semaphore, waiters: 4, Seed + 100);
        Assert.Equal("0", await poster.AskAsync($"post_in_bursts {Posts}"));
        Assert.Equal(Posts, await CountAsync(semaphore, own, name, peer));
    }

    private static async Task<int> CountAsync(NamedSemaphore semaphore, WaitStorm own, string name, params PeerProcess[] peers)
    {
        int taken = own.Stop();
        foreach (PeerProcess peer in peers)
        {
            taken += int.Parse(await peer.AskAsync($"sem calm {name}"), CultureInfo.InvariantCulture);
        }

        return taken + semaphore.CurrentCount;
    }
}
