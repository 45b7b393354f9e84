namespace Chappe.Posix;

/// <summary>
/// Blocks on behalf of asynchronous waits. One thread serves up to 32 waits. More threads start as needed, and idle threads end.
/// </summary>
internal sealed class WaitHub
{
    /// <summary>A call on n words costs 0.35 µs a word (measured), so one hub does not serve all waits.</summary>
    private const int Capacity = 32;

    /// <summary>How long an idle thread stays. The next wait often follows at once, and a thread takes 50 to 100 µs to start.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly Lock Gate = new();
    private static readonly List<WaitHub> Hubs = [];

    private readonly WakeWord _news = new();
    private readonly List<AsyncWait> _arrived = new(Capacity);
    private readonly List<AsyncWait> _waiting = new(Capacity);
    private int _load;

    internal static ValueTask<bool> Wait(
        NamedSemaphore owner,
        SemaphoreHandle handle,
        Deadline deadline,
        TimeSpan interval,
        Func<bool>? look,
        CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            WaitHub hub = HubWithRoom() ?? throw BackgroundThread.Refused(owner);
            AsyncWait wait = AsyncWait.Begin(owner, handle, deadline);
            wait.LookEach(interval, look);
            ValueTask<bool> task = wait.Task;

            // The wait must be complete before the hub sees it, because it may end and be reused at once.
            wait.CancelWith(hub, cancellationToken);
            hub._load++;
            hub._arrived.Add(wait);
            hub.Wake();
            return task;
        }
    }

    /// <summary>Makes every hub check its semaphores, because one was disposed.</summary>
    internal static void WakeAll()
    {
        lock (Gate)
        {
            foreach (WaitHub hub in Hubs)
            {
                hub.Wake();
            }
        }
    }

    internal void Wake() => _news.Increment();

    /// <returns>Null if all hubs are full and no thread can be started for another.</returns>
    private static WaitHub? HubWithRoom()
    {
        foreach (WaitHub hub in Hubs)
        {
            if (hub._load < Capacity)
            {
                return hub;
            }
        }

        var fresh = new WaitHub();
        if (BackgroundThread.TryStart(fresh.Run, "Chappe waits") is null)
        {
            return null;
        }

        // Its thread enters the gate before it checks whether it has waits to serve.
        Hubs.Add(fresh);
        return fresh;
    }

    private void Run()
    {
        Span<Interop.FutexEntry> entries = stackalloc Interop.FutexEntry[Capacity + 1];
        Deadline patience = Deadline.After(Patience);
        while (true)
        {
            // The word is read before any check. A later event changes it, and the call below then returns at once.
            uint news = _news.Value;
            lock (Gate)
            {
                _waiting.AddRange(_arrived);
                _arrived.Clear();
                if (_waiting.Count > 0)
                {
                    patience = Deadline.After(Patience);
                }
                else if (patience.HasPassed)
                {
                    Hubs.Remove(this);
                    return;
                }
            }

            Deadline next = Deadline.Infinite;
            int count = 0;
            for (int i = _waiting.Count - 1; i >= 0; i--)
            {
                AsyncWait wait = _waiting[i];
                if (wait.IsOver())
                {
                    _waiting.RemoveAt(i);
                    lock (Gate)
                    {
                        _load--;
                    }

                    wait.Finish();
                }
                else
                {
                    next = Deadline.Earlier(next, wait.NextLook);
                    entries[count++] = SemaphoreWord.EntryFor(wait.Semaphore);
                }
            }

            entries[count] = _news.EntryWhile(news);
            _ = Interop.FutexWaitAny(entries[..(count + 1)], count > 0 ? next : patience);
        }
    }
}
