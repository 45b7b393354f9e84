using System.Threading.Tasks.Sources;

namespace Chappe.Posix;

/// <summary>One asynchronous wait in a hub. The object is reused after its result is read, so that a wait allocates nothing.</summary>
internal sealed class AsyncWait : IValueTaskSource<bool>
{
    private const int MaxPooled = 64;

    private static readonly Stack<AsyncWait> Pool = new();

    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellationToken;
    private SemaphoreHandle? _handle;
    private NamedSemaphore? _owner;
    private WaitHub? _hub;
    private volatile bool _isCancelled;
    private Exception? _failure;
    private bool _taken;
    private Deadline _deadline;
    private TimeSpan _interval;
    private Func<bool>? _look;

    internal nint Semaphore { get; private set; }

    /// <summary>When the wait ends or performs its next look.</summary>
    internal Deadline NextLook { get; private set; }

    internal ValueTask<bool> Task => new(this, _source.Version);

    /// <summary>Registers a waiter with the semaphore and keeps the semaphore open.</summary>
    internal static AsyncWait Begin(NamedSemaphore owner, SemaphoreHandle handle, Deadline deadline)
    {
        AsyncWait? wait;
        lock (Pool)
        {
            wait = Pool.TryPop(out AsyncWait? pooled) ? pooled : new AsyncWait();
        }

        bool added = false;
        handle.DangerousAddRef(ref added);
        wait._owner = owner;
        wait._handle = handle;
        wait.Semaphore = handle.DangerousGetHandle();
        wait._deadline = deadline;
        wait.NextLook = deadline;
        SemaphoreWord.Register(wait.Semaphore);
        return wait;
    }

    internal void LookEach(TimeSpan interval, Func<bool>? look)
    {
        (_interval, _look) = (interval, look);
        LookAgainLater();
    }

    internal void CancelWith(WaitHub hub, CancellationToken cancellationToken)
    {
        _hub = hub;
        _cancellationToken = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(
            static state =>
            {
                var wait = (AsyncWait)state!;
                wait._isCancelled = true;
                wait._hub!.Wake();
            },
            this);
    }

    /// <summary>Takes a token if there is one. Also returns true if the wait must end without a token.</summary>
    internal bool IsOver()
    {
        _taken = SemaphoreWord.TryTakeAndUnregister(Semaphore);
        if (_taken)
        {
            return true;
        }

        if (_owner!.IsDisposed)
        {
            _failure = new ObjectDisposedException(_owner.GetType().FullName);
        }
        else if (_isCancelled)
        {
            _failure = new OperationCanceledException(_cancellationToken);
        }
        else if (!_deadline.HasPassed && !HasReasonToEnd())
        {
            return false;
        }

        SemaphoreWord.Unregister(Semaphore);
        return true;
    }

    private bool HasReasonToEnd()
    {
        if (_look is null || !NextLook.HasPassed)
        {
            return false;
        }

        try
        {
            LookAgainLater();
            return _look();
        }
        catch (Exception exception)
        {
            // The exception belongs to the waiting caller: this thread serves other waits too.
            _failure = exception;
            return true;
        }
    }

    private void LookAgainLater()
    {
        if (_look is not null)
        {
            NextLook = Deadline.Earlier(_deadline, Deadline.After(_interval));
        }
    }

    internal void Finish()
    {
        // No callback runs after this, so the object may be reused.
        _registration.Dispose();
        _handle!.DangerousRelease();
        if (_failure is { } failure)
        {
            _source.SetException(failure);
        }
        else
        {
            _source.SetResult(_taken);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token)
    {
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            ReturnToPool();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void ReturnToPool()
    {
        _source.Reset();
        _registration = default;
        _cancellationToken = default;
        _handle = null;
        _owner = null;
        _hub = null;
        _look = null;
        _isCancelled = false;
        _failure = null;
        lock (Pool)
        {
            if (Pool.Count < MaxPooled)
            {
                Pool.Push(this);
            }
        }
    }
}
