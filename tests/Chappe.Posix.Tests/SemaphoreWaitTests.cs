using System.Diagnostics;

namespace Chappe.Posix.Tests;

public class SemaphoreWaitTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public void Releases_add_up_and_waits_take_them_one_by_one()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name, 1);
        semaphore.Release();
        semaphore.Release(3);
        Assert.Equal(5, semaphore.CurrentCount);
        semaphore.Wait();
        semaphore.Wait(CancellationToken.None);
        Assert.True(semaphore.Wait(TimeSpan.Zero));
        Assert.True(semaphore.Wait(Deadline.Infinite));
        Assert.True(semaphore.TryWait());
        Assert.False(semaphore.TryWait());
        Assert.Equal(0, semaphore.CurrentCount);
    }

    [Fact]
    public void Beyond_the_largest_count_a_release_is_refused_and_changes_nothing()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name, NamedSemaphore.MaxCount);
        Assert.Throws<SemaphoreFullException>(semaphore.Release);
        Assert.Throws<SemaphoreFullException>(() => semaphore.Release(2));
        Assert.Equal(NamedSemaphore.MaxCount, semaphore.CurrentCount);
        Assert.True(semaphore.TryWait());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Releasing_none_or_fewer_is_refused(int count)
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        Assert.Throws<ArgumentOutOfRangeException>(() => semaphore.Release(count));
    }

    [Theory]
    [InlineData(nameof(BlockingMethod.Futex))]
    [InlineData(nameof(BlockingMethod.MonotonicSlices))]
    [InlineData(nameof(BlockingMethod.WallClockSlices))]
    public async Task A_wait_ends_when_its_time_is_up_and_not_before(string blocking)
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        semaphore.Blocking = Enum.Parse<BlockingMethod>(blocking);
        foreach (int milliseconds in new[] { 0, 1, 20, 130 })
        {
            var timeout = TimeSpan.FromMilliseconds(milliseconds);
            long start = Stopwatch.GetTimestamp();
            Assert.False(semaphore.Wait(timeout));
            Assert.InRange(Stopwatch.GetElapsedTime(start), timeout, timeout + Long);
            start = Stopwatch.GetTimestamp();
            Assert.False(await semaphore.WaitAsync(timeout));
            Assert.InRange(Stopwatch.GetElapsedTime(start), timeout, timeout + Long);
        }
    }

    [Fact]
    public async Task One_that_is_there_is_taken_even_after_the_deadline()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name, 2);
        Assert.True(semaphore.Wait(default(Deadline)));
        Assert.True(await semaphore.WaitAsync(default(Deadline)));
    }

    [Fact]
    public async Task A_negative_timeout_is_refused_unless_it_is_infinite()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => semaphore.Wait(TimeSpan.FromMilliseconds(-2)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await semaphore.WaitAsync(TimeSpan.FromMilliseconds(-2)));
        Assert.True(semaphore.Wait(Timeout.InfiniteTimeSpan));
        Assert.True(semaphore.Wait(TimeSpan.MaxValue));
    }

    [Theory]
    [InlineData(nameof(BlockingMethod.Futex))]
    [InlineData(nameof(BlockingMethod.MonotonicSlices))]
    [InlineData(nameof(BlockingMethod.WallClockSlices))]
    public async Task A_release_in_another_process_ends_a_wait(string blocking)
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        semaphore.Blocking = Enum.Parse<BlockingMethod>(blocking);
        using PeerProcess peer = await PeerProcess.StartAsync();
        Assert.Equal("ok", await peer.AskAsync($"sem open {name}"));

        Task<bool> blocked = Task.Run(() => semaphore.Wait(Long));
        Assert.Equal("ok", await peer.AskAsync($"sem release {name} 1"));
        Assert.True(await blocked);

        ValueTask<bool> awaited = semaphore.WaitAsync(Long);
        Assert.Equal("ok", await peer.AskAsync($"sem release {name} 1"));
        Assert.True(await awaited);

        Assert.Equal("waiting", await peer.AskAsync($"sem wait {name} 60000"));
        semaphore.Release();
        Assert.StartsWith("True", await peer.AnswerAsync(), StringComparison.Ordinal);
        Assert.Equal(0, semaphore.CurrentCount);
    }

    [Theory]
    [InlineData(nameof(BlockingMethod.Futex))]
    [InlineData(nameof(BlockingMethod.MonotonicSlices))]
    [InlineData(nameof(BlockingMethod.WallClockSlices))]
    public async Task Cancelling_ends_a_wait_that_has_begun_and_takes_nothing(string blocking)
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        semaphore.Blocking = Enum.Parse<BlockingMethod>(blocking);
        using var cancellation = new CancellationTokenSource();
        Task blocked = Task.Run(() => semaphore.Wait(cancellation.Token));
        Task blockedWithTime = Task.Run(() => semaphore.Wait(Long, cancellation.Token));
        Task awaited = semaphore.WaitAsync(cancellation.Token).AsTask();
        Task awaitedWithTime = semaphore.WaitAsync(Long, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        foreach (Task wait in new[] { blocked, blockedWithTime, awaited, awaitedWithTime })
        {
            var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Long));
            Assert.Equal(cancellation.Token, exception.CancellationToken);
        }

        semaphore.Release();
        Assert.Equal(1, semaphore.CurrentCount);
    }

    [Fact]
    public async Task With_a_cancelled_token_nothing_is_taken_even_if_one_is_there()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name, 1);
        var cancelled = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => semaphore.Wait(cancelled));
        Assert.Throws<OperationCanceledException>(() => semaphore.Wait(Long, cancelled));
        ValueTask<bool> wait = semaphore.WaitAsync(Long, cancelled);
        Assert.True(wait.IsCanceled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await wait);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await semaphore.WaitAsync(cancelled));
        Assert.Equal(1, semaphore.CurrentCount);
    }

    [Fact]
    public async Task A_hundred_asynchronous_waits_hold_few_threads_and_all_end()
    {
        Machine.Require(SemaphoreWord.CanWait, "this kernel or libc waits in slices, on a thread for each");
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        int before = Threads();
        Task<bool>[] waits = [.. Enumerable.Range(0, 100).Select(_ => semaphore.WaitAsync(Long).AsTask())];
        Assert.InRange(Threads() - before, 0, 50);
        semaphore.Release(100);
        Assert.All(await Task.WhenAll(waits), Assert.True);
        Assert.Equal(0, semaphore.CurrentCount);

        static int Threads() => Directory.GetDirectories("/proc/self/task").Length;
    }

    [Theory]
    [InlineData(nameof(BlockingMethod.Futex))]
    [InlineData(nameof(BlockingMethod.MonotonicSlices))]
    public async Task A_wait_that_looks_around_ends_when_a_look_says_so_or_throws(string blocking)
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        semaphore.Blocking = Enum.Parse<BlockingMethod>(blocking);
        int looks = 0;
        Assert.False(await semaphore.WaitAsync(Deadline.After(Long), TimeSpan.FromMilliseconds(5), () => ++looks == 3, TestContext.Current.CancellationToken));
        Assert.Equal(3, looks);
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
            await semaphore.WaitAsync(Deadline.After(Long), TimeSpan.FromMilliseconds(5), () => throw new InvalidDataException(), TestContext.Current.CancellationToken));

        Assert.False(await semaphore.WaitAsync(Deadline.After(TimeSpan.FromMilliseconds(30)), Long, () => true, TestContext.Current.CancellationToken));
        ValueTask<bool> waiting = semaphore.WaitAsync(Deadline.After(Long), TimeSpan.FromMilliseconds(5), () => false, TestContext.Current.CancellationToken);
        semaphore.Release();
        Assert.True(await waiting);
        Assert.Equal(0, semaphore.CurrentCount);
    }

    [Fact]
    public async Task Cancelling_ends_a_spin_however_long_it_may_be()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        semaphore.SpinBudget = TimeSpan.MaxValue;
        using var cancellation = new CancellationTokenSource();
        Task spinning = Task.Run(() => semaphore.Wait(cancellation.Token));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => spinning.WaitAsync(Long));
    }
}
