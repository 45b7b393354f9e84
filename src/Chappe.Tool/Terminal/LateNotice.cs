namespace Chappe.Tool;

/// <summary>Says something once if it is not disposed in time, and never after it was disposed.</summary>
internal sealed class LateNotice : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Timer _timer;
    private bool _disposed;

    public LateNotice(TimeSpan delay, Action say)
    {
        _timer = new Timer(
            _ =>
            {
                lock (_lock)
                {
                    if (!_disposed)
                    {
                        say();
                    }
                }
            },
            null,
            delay,
            Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }
}
