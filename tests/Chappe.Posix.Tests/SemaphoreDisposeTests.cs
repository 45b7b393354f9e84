namespace Chappe.Posix.Tests;

public class SemaphoreDisposeTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task After_dispose_every_member_says_so()
    {
        using var name = new TestName();
        var semaphore = NamedSemaphore.Create(name, 5);
        semaphore.Dispose();
        semaphore.Dispose();
        Assert.Throws<ObjectDisposedException>(semaphore.Release);
        Assert.Throws<ObjectDisposedException>(() => semaphore.Release(2));
        Assert.Throws<ObjectDisposedException>(() => semaphore.CurrentCount);
        Assert.Throws<ObjectDisposedException>(() => semaphore.TryWait());
        Assert.Throws<ObjectDisposedException>(semaphore.Wait);
        Assert.Throws<ObjectDisposedException>(() => semaphore.Wait(TimeSpan.Zero));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await semaphore.WaitAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await semaphore.WaitAsync(Long));
        Assert.Equal(5, NamedSemaphore.OpenExisting(name).CurrentCount);
    }

    [Theory]
    [InlineData(nameof(BlockingMethod.Futex))]
    [InlineData(nameof(BlockingMethod.MonotonicSlices))]
    public async Task Dispose_under_waiters_ends_their_waits_and_takes_nothing(string blocking)
    {
        using var name = new TestName();
        using var other = NamedSemaphore.Create(name);
        var semaphore = NamedSemaphore.OpenExisting(name);
        semaphore.Blocking = Enum.Parse<BlockingMethod>(blocking);
        using var begun = new CountdownEvent(2);
        Task[] waits =
        [
            Start(() => semaphore.Wait()),
            Start(() => semaphore.Wait(Long)),
            semaphore.WaitAsync().AsTask(),
            semaphore.WaitAsync(Long).AsTask(),
        ];
        begun.Wait();
        semaphore.Dispose();
        foreach (Task wait in waits)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => wait.WaitAsync(Long));
        }

        other.Release();
        Assert.Equal(1, other.CurrentCount);

        Task Start(Action wait) => Task.Factory.StartNew(
            () =>
            {
                begun.Signal();
                wait();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    [Fact]
    public async Task Dispose_at_any_moment_among_waits_and_releases_crashes_nothing_and_loses_nothing()
    {
        using var name = new TestName();
        using var count = NamedSemaphore.Create(name);
        for (int round = 0; round < 50; round++)
        {
            var semaphore = NamedSemaphore.OpenExisting(name);
            Task<int>[] tasks =
            [
                Task.Run(() => Repeat(() => { semaphore.Release(); return 1; })),
                Task.Run(() => Repeat(() => semaphore.Wait(TimeSpan.FromMilliseconds(1)) ? -1 : 0)),
                Task.Run(() => Repeat(() => semaphore.TryWait() ? -1 : 0)),
                Task.Run(() => Repeat(() => semaphore.WaitAsync(TimeSpan.FromMilliseconds(1)).AsTask().GetAwaiter().GetResult() ? -1 : 0)),
            ];
            await Task.Delay(round % 5);
            semaphore.Dispose();
            int expected = (await Task.WhenAll(tasks)).Sum();
            Assert.Equal(expected, count.CurrentCount);
            while (count.TryWait())
            {
            }
        }

        static int Repeat(Func<int> change)
        {
            int sum = 0;
            while (true)
            {
                try
                {
                    sum += change();
                }
                catch (ObjectDisposedException)
                {
                    return sum;
                }
            }
        }
    }
}
