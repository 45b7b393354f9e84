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
        }

        // One process waits as on an older machine: the ways must get on with each other.
        Assert.Equal("ok", await second.AskAsync($"sem wait-in-slices {name}"));
        Assert.Equal("ok", await first.AskAsync($"sem storm {name} 4 {Seed + 10}"));
        Assert.Equal("ok", await second.AskAsync($"sem storm {name} 4 {Seed + 20}"));

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

    [Fact]
    public async Task A_waiter_that_gives_up_as_it_is_woken_passes_the_wake_on()
    {
        // Else a token would lie there while another waiter sleeps for ever.
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        semaphore.SpinBudget = TimeSpan.Zero;
        for (int round = 0; round < 300; round++)
        {
            using var cancellation = new CancellationTokenSource();
            Task<bool>[] patient = [.. Start(CancellationToken.None)];
            Task<bool>[] fickle = [.. Start(cancellation.Token)];
            Task cancelling = Task.Run(cancellation.Cancel);
            semaphore.Release(patient.Length);
            await cancelling;
            int taken = 0;
            foreach (Task<bool> wait in fickle)
            {
                await wait.WaitAsync(TimeSpan.FromMinutes(1)).ContinueWith(ended => taken += ended.IsCompletedSuccessfully ? 1 : 0, TaskScheduler.Default);
            }

            if (taken > 0)
            {
                semaphore.Release(taken);
            }

            Assert.All(await Task.WhenAll(patient).WaitAsync(TimeSpan.FromMinutes(1)), Assert.True);
            Assert.Equal(0, semaphore.CurrentCount);
        }

        IEnumerable<Task<bool>> Start(CancellationToken token) =>
        [
            Task.Run(() => semaphore.Wait(Timeout.InfiniteTimeSpan, token), CancellationToken.None),
            semaphore.WaitAsync(Timeout.InfiniteTimeSpan, token).AsTask(),
            semaphore.WaitAsync(Timeout.InfiniteTimeSpan, token).AsTask(),
        ];
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
