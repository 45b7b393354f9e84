using System.Runtime.Versioning;

namespace Chappe.Posix;

/// <summary>
/// A POSIX named semaphore: a count that any process can increment (<see cref="Release()"/>) and wait to decrement (<see cref="Wait()"/>).
/// </summary>
/// <remarks>
/// <para>
/// On Linux, <c>new Semaphore(0, 1, "name")</c> throws <see cref="PlatformNotSupportedException"/>; this class provides a named semaphore. C programs open
/// the same semaphore with <c>sem_open(3)</c>.
/// </para>
/// <para>The name and the count outlive every process. They last until a process deletes the name (<see cref="Delete"/>) or the machine restarts.</para>
/// <para>A semaphore has no owner: the death of a process does not undo its decrements.</para>
/// <para>All members are thread-safe. <see cref="Dispose"/> may be called while other threads wait: their waits throw <see cref="ObjectDisposedException"/>.</para>
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed partial class NamedSemaphore : IDisposable
{
    /// <summary>The largest count: SEM_VALUE_MAX of limits.h.</summary>
    public const int MaxCount = int.MaxValue;

    private readonly SemaphoreHandle _handle;
    private readonly AdaptiveSpin _spin = new();

    private int _references;

    /// <summary>The handle's IsClosed cannot serve: it stays false while a waiter holds the handle, so the waiter would never see the disposal.</summary>
    private volatile bool _isDisposed;

    /// <summary>Blocked waiters wait on this word too, so that disposal wakes them.</summary>
    private readonly WakeWord _disposed = new();

    private NamedSemaphore(string name, SemaphoreHandle handle, in FileStatus status)
    {
        Name = name;
        Status = status;
        _handle = handle;
    }

    /// <summary>
    /// The default <see cref="SpinBudget"/>: 50 µs, about the cost of waking a blocked thread on an idle processor. A wait therefore takes at most twice as
    /// long as with the better choice.
    /// </summary>
    public static TimeSpan DefaultSpinBudget { get; } = TimeSpan.FromMicroseconds(50);

    /// <summary>The name, with its leading slash.</summary>
    public string Name { get; }

    /// <summary>The status of the semaphore's file at the time it was opened: its identity and owner.</summary>
    internal FileStatus Status { get; }

    /// <summary>
    /// How long a wait spins before it blocks; <see cref="TimeSpan.Zero"/> to block at once. Waits stop spinning while the other process is slower than this.
    /// </summary>
    public TimeSpan SpinBudget
    {
        get => _spin.Budget;
        set => _spin.Budget = value;
    }

    /// <summary>The current count (sem_getvalue(3)); 0 while a process waits.</summary>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed.</exception>
    public int CurrentCount
    {
        get
        {
            using var use = new Use(this);
            _ = Interop.SemaphoreGetValue(use.Semaphore, out int value);
            return value;
        }
    }

    /// <summary>Increments the count by one and wakes one waiter.</summary>
    /// <exception cref="SemaphoreFullException">The count is already <see cref="MaxCount"/>.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed.</exception>
    public void Release()
    {
        using var use = new Use(this);
        Post(use.Semaphore);
    }

    /// <summary>Adds to the count and wakes up to the same number of waiters.</summary>
    /// <param name="releaseCount">The number to add, 1 or more. The operation is not atomic: waiters may decrement the count before it completes.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="releaseCount"/> is less than 1.</exception>
    /// <exception cref="SemaphoreFullException">The count reached <see cref="MaxCount"/> before the whole number was added.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed.</exception>
    public void Release(int releaseCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(releaseCount, 1);
        using var use = new Use(this);
        for (int i = 0; i < releaseCount; i++)
        {
            Post(use.Semaphore);
        }
    }

    /// <summary>Closes the semaphore in this process. The name and the count remain: see <see cref="Delete"/>.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _disposed.Set();
        WaitHub.WakeAll();
        _handle.Dispose();
    }

    /// <summary>
    /// Keeps the semaphore open, even after <see cref="Dispose"/>, until <see cref="RemoveReference"/>. Calls made meanwhile take no reference of their own,
    /// which would be most of their cost.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed.</exception>
    internal void AddReference()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        bool added = false;
        _handle.DangerousAddRef(ref added);
        Interlocked.Increment(ref _references);
    }

    /// <summary>Reverses one <see cref="AddReference"/>. No other thread may be inside a call on the semaphore, unless another reference exists.</summary>
    internal void RemoveReference()
    {
        Interlocked.Decrement(ref _references);
        _handle.DangerousRelease();
    }

    internal bool IsDisposed => _isDisposed;

    private void Post(nint semaphore)
    {
        // EOVERFLOW is the only error for a valid semaphore: sem_post(3).
        if (!SemaphoreWord.TryPost(semaphore))
        {
            throw new SemaphoreFullException($"The count of the semaphore '{Name}' is already at its maximum.");
        }
    }

    /// <summary>Keeps the semaphore open during one call.</summary>
    private readonly ref struct Use
    {
        private readonly SemaphoreHandle? _held;

        internal Use(NamedSemaphore owner)
        {
            ObjectDisposedException.ThrowIf(owner._isDisposed, owner);
            if (Volatile.Read(ref owner._references) == 0)
            {
                bool taken = false;
                owner._handle.DangerousAddRef(ref taken);
                _held = owner._handle;
            }

            Semaphore = owner._handle.DangerousGetHandle();
        }

        internal nint Semaphore { get; }

        public void Dispose() => _held?.DangerousRelease();
    }
}
