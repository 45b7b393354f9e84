using System.Runtime.Versioning;

namespace Chappe.Posix;

/// <summary>
/// A POSIX named semaphore: a count that any process can raise (<see cref="Release()"/>) and wait to lower (<see cref="Wait()"/>).
/// </summary>
/// <remarks>
/// <para>It is what <c>new Semaphore(0, 1, "name")</c> refuses to be on Linux. Programs in C share it by <c>sem_open(3)</c>.</para>
/// <para>A name, and its count, outlive every process: only <see cref="Delete"/> removes it, here or in any other process, or a restart of the machine.</para>
/// <para>A semaphore has no owner: what a process took before it died stays taken.</para>
/// <para>All members are safe to use from several threads. <see cref="Dispose"/> while others wait is safe: they get <see cref="ObjectDisposedException"/>.</para>
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed partial class NamedSemaphore : IDisposable
{
    /// <summary>The largest count, SEM_VALUE_MAX (limits.h).</summary>
    public const int MaxCount = int.MaxValue;

    private readonly SemaphoreHandle _handle;
    private readonly AdaptiveSpin _spin = new();

    private int _references;

    /// <summary>Not the handle's IsClosed: that stays false while a waiter holds the handle, and the waiter would never learn of it.</summary>
    private volatile bool _isDisposed;

    /// <summary>What those who are blocked on the semaphore look at as well.</summary>
    private readonly WakeWord _disposed = new();

    private NamedSemaphore(string name, SemaphoreHandle handle, in FileStatus status)
    {
        Name = name;
        Status = status;
        _handle = handle;
    }

    /// <summary>
    /// 50 µs: about what waking a blocked thread on an idle processor costs, so a wait is never more than twice as long as the better choice.
    /// </summary>
    public static TimeSpan DefaultSpinBudget { get; } = TimeSpan.FromMicroseconds(50);

    /// <summary>The name, with its leading slash.</summary>
    public string Name { get; }

    /// <summary>The semaphore's file as it was when it was opened: which one it is, and whose.</summary>
    internal FileStatus Status { get; }

    /// <summary>
    /// How long a wait spins before it blocks; <see cref="TimeSpan.Zero"/> to block at once. Spinning stops by itself while the other side is slower than that.
    /// </summary>
    public TimeSpan SpinBudget
    {
        get => _spin.Budget;
        set => _spin.Budget = value;
    }

    /// <summary>The count at this moment, 0 while somebody waits (sem_getvalue(3)).</summary>
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

    /// <summary>Raises the count by one and wakes one waiter.</summary>
    /// <exception cref="SemaphoreFullException">The count is <see cref="MaxCount"/> already.</exception>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed.</exception>
    public void Release()
    {
        using var use = new Use(this);
        Post(use.Semaphore);
    }

    /// <summary>Raises the count, and wakes as many waiters.</summary>
    /// <param name="releaseCount">By how much: 1 or more. It is not one step: others may take before the last is there.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="releaseCount"/> is less than 1.</exception>
    /// <exception cref="SemaphoreFullException">The count reached <see cref="MaxCount"/> before all were released.</exception>
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

    /// <summary>Closes the semaphore in this process. The name, and the count, stay: see <see cref="Delete"/>.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _disposed.Set();
        WaitHub.WakeAll();
        _handle.Dispose();
    }

    /// <summary>
    /// Keeps the semaphore open, also after <see cref="Dispose"/>, until <see cref="RemoveReference"/>. Meanwhile no call has to do so for itself, which is most of what
    /// a call costs.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The semaphore is disposed.</exception>
    internal void AddReference()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        bool added = false;
        _handle.DangerousAddRef(ref added);
        Interlocked.Increment(ref _references);
    }

    /// <summary>Undoes one <see cref="AddReference"/>. No other thread may be inside a call on the semaphore, unless there is another reference.</summary>
    internal void RemoveReference()
    {
        Interlocked.Decrement(ref _references);
        _handle.DangerousRelease();
    }

    internal bool IsDisposed => _isDisposed;

    private void Post(nint semaphore)
    {
        // EOVERFLOW is the only error a valid semaphore has: sem_post(3).
        if (!SemaphoreWord.TryPost(semaphore))
        {
            throw new SemaphoreFullException($"The semaphore '{Name}' is at its largest count.");
        }
    }

    /// <summary>Holds the semaphore open for the time of one call.</summary>
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
