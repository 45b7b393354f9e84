namespace Chappe.Tool;

/// <summary>Gives a notice once, after a delay, unless it is disposed first.</summary>
internal sealed class LateNotice : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Timer _timer;
    private bool _disposed;

    public LateNotice(TimeSpan delay, Action give)
    {
        _timer = new Timer(
            _ =>
            {
                lock (_lock)
                {
                    if (!_disposed)
                    {
                        give();
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
