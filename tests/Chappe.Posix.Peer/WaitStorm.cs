namespace Chappe.Posix.Peer;

/// <summary>Waiters that try, wait, give up and are cancelled at random, and count what they took.</summary>
public sealed class WaitStorm
{
    private readonly NamedSemaphore _semaphore;
    private readonly Task<int>[] _waiters;
    private volatile bool _isOver;

    /// <summary>Starts the waiters.</summary>
    public WaitStorm(NamedSemaphore semaphore, int waiters, int seed)
    {
        _semaphore = semaphore;
        _waiters = [.. Enumerable.Range(0, waiters).Select(i => Task.Run(() => TakeAsync(new Random(seed + i))))];
    }

    /// <summary>Ends them.</summary>
    /// <returns>How many tokens they took.</returns>
    public int Stop()
    {
        _isOver = true;
        return Task.WhenAll(_waiters).GetAwaiter().GetResult().Sum();
    }

    private async Task<int> TakeAsync(Random random)
    {
        int taken = 0;
        while (!_isOver)
        {
            var time = TimeSpan.FromMicroseconds(random.Next(3000));
            using var cancellation = new CancellationTokenSource(time);
            try
            {
                bool won = random.Next(4) switch
                {
                    0 => _semaphore.TryWait(),
                    1 => _semaphore.Wait(time),
                    2 => _semaphore.Wait(Timeout.InfiniteTimeSpan, cancellation.Token),
                    _ => await _semaphore.WaitAsync(Timeout.InfiniteTimeSpan, cancellation.Token),
                };
                taken += won ? 1 : 0;
            }
            catch (OperationCanceledException)
            {
                // It promises that nothing was taken.
            }
        }

        return taken;
    }
}
