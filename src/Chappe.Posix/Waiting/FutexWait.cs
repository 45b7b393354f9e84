using System.Runtime.InteropServices;

namespace Chappe.Posix;

/// <summary>A blocking wait on a semaphore. Cancellation or disposal ends it at once, without a stray token. It uses no processor time while it is blocked.</summary>
internal static class FutexWait
{
    [ThreadStatic]
    private static WakeWord? _cancelled;

    /// <returns>False if the deadline passed.</returns>
    internal static bool Wait(NamedSemaphore owner, nint semaphore, WakeWord disposed, Deadline deadline, CancellationToken cancellationToken)
    {
        WakeWord cancelled = _cancelled ??= new WakeWord();
        cancelled.Reset();
        SemaphoreWord.Register(semaphore);
        bool taken = false;
        CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static word => ((WakeWord)word!).Set(), cancelled);
        try
        {
            Span<Interop.FutexEntry> entries = [SemaphoreWord.EntryFor(semaphore), disposed.Entry, cancelled.Entry];
            if (!cancellationToken.CanBeCanceled)
            {
                entries = entries[..2];
            }

            while (!(taken = SemaphoreWord.TryTakeAndUnregister(semaphore)))
            {
                ObjectDisposedException.ThrowIf(disposed.IsSet, owner);
                cancellationToken.ThrowIfCancellationRequested();
                if (deadline.HasPassed)
                {
                    return false;
                }

                // A wake-up is only a hint, so the loop checks the semaphore and the words whatever the result.
                int error = Interop.FutexWaitAny(entries, deadline);
                if (error is not (0 or Interop.EAGAIN or Interop.EINTR or Interop.ETIMEDOUT))
                {
                    throw Failure.FromErrorNumber(error, "wait on the semaphore", owner.Name);
                }
            }

            return true;
        }
        finally
        {
            registration.Dispose();
            if (!taken)
            {
                SemaphoreWord.Unregister(semaphore);
            }
        }
    }
}

/// <summary>A word of this process that a waiter can wait on together with a semaphore. It is 0 until it is set.</summary>
internal sealed unsafe class WakeWord
{
    private readonly uint* _word = (uint*)NativeMemory.AllocZeroed(sizeof(uint));

    /// <summary>Only the finalizer frees the word, because by then no thread can wait on it.</summary>
    ~WakeWord() => NativeMemory.Free(_word);

    internal bool IsSet => Volatile.Read(ref *_word) != 0;

    /// <summary>The entry for a wait that lasts while the word is not set.</summary>
    internal Interop.FutexEntry Entry => EntryWhile(0);

    internal uint Value => Volatile.Read(ref *_word);

    internal Interop.FutexEntry EntryWhile(uint value) =>
        new() { Address = (ulong)_word, Expected = value, Flags = Interop.FUTEX2_SIZE_U32 | Interop.FUTEX2_PRIVATE };

    internal void Reset() => Volatile.Write(ref *_word, 0);

    internal void Set()
    {
        Volatile.Write(ref *_word, 1);
        Interop.FutexWake((nint)_word, int.MaxValue, isShared: false);
    }

    /// <summary>Changes the word, so that a thread about to wait for the change does not block.</summary>
    internal void Increment()
    {
        Interlocked.Increment(ref *_word);
        Interop.FutexWake((nint)_word, int.MaxValue, isShared: false);
    }
}
