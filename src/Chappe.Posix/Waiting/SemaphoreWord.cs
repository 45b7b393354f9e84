using System.Runtime.InteropServices;

namespace Chappe.Posix;

/// <summary>
/// Operates directly on the sem_t of glibc on 64-bit Linux: one word, with the value in its low half and the number of waiters in its high half. A post or
/// a check thus needs no call, and a wait can block on the semaphore and on another word at once. C processes can use the same semaphore unchanged.
/// </summary>
/// <remarks>
/// The rules (glibc, nptl/sem_waitcommon.c): register before checking the value, because a post wakes a waiter only if it sees one; take a token and remove
/// the registration in one step; a waiter that gives up while there are a token and other waiters wakes one of them.
/// </remarks>
internal static unsafe class SemaphoreWord
{
    private const long OneWaiter = 1L << 32;

    /// <summary>Whether libc's semaphores have this layout, as determined by one probe.</summary>
    private static readonly bool IsLayoutKnown = WithSemaphore(CountsAreWhereExpected);

    private static volatile Verdict _waiting;

    private enum Verdict
    {
        Open,
        Works,
        Fails,
    }

    /// <summary>
    /// Whether the layout is known and the kernel supports the wait, as determined by a probe. False while no thread can be started for the probe; the next
    /// read then repeats it.
    /// </summary>
    internal static bool CanWait
    {
        get
        {
            if (_waiting == Verdict.Open)
            {
                // Two threads may probe at once. Both get the same result.
                _waiting = TryToWait();
            }

            return _waiting == Verdict.Works;
        }
    }

    /// <summary>Decrements the value if it is not 0, as sem_trywait(3) does.</summary>
    internal static bool TryTake(nint semaphore)
    {
        if (!IsLayoutKnown)
        {
            return Interop.SemaphoreTryWait(semaphore) == 0;
        }

        long seen = Volatile.Read(ref Word(semaphore));
        while ((uint)seen != 0)
        {
            long before = Interlocked.CompareExchange(ref Word(semaphore), seen - 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>Increments the value and wakes a waiter if there is one, as sem_post(3) does.</summary>
    /// <returns>False if the value is already at its maximum.</returns>
    internal static bool TryPost(nint semaphore)
    {
        if (!IsLayoutKnown)
        {
            return Interop.SemaphorePost(semaphore) == 0;
        }

        long seen = Volatile.Read(ref Word(semaphore));
        while ((uint)seen < NamedSemaphore.MaxCount)
        {
            long before = Interlocked.CompareExchange(ref Word(semaphore), seen + 1, seen);
            if (before == seen)
            {
                if (seen >= OneWaiter)
                {
                    Interop.FutexWake(semaphore, 1, isShared: true);
                }

                return true;
            }

            seen = before;
        }

        return false;
    }

    internal static void Register(nint semaphore) => Interlocked.Add(ref Word(semaphore), OneWaiter);

    internal static bool TryTakeAndUnregister(nint semaphore)
    {
        long seen = Volatile.Read(ref Word(semaphore));
        while ((uint)seen != 0)
        {
            long before = Interlocked.CompareExchange(ref Word(semaphore), seen - 1 - OneWaiter, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    internal static void Unregister(nint semaphore)
    {
        long left = Interlocked.Add(ref Word(semaphore), -OneWaiter);
        if ((uint)left != 0 && left >= OneWaiter)
        {
            Interop.FutexWake(semaphore, 1, isShared: true);
        }
    }

    /// <summary>The entry for a wait that lasts while the value is 0.</summary>
    internal static Interop.FutexEntry EntryFor(nint semaphore) =>
        new() { Address = (ulong)semaphore, Expected = 0, Flags = Interop.FUTEX2_SIZE_U32 };

    private static ref long Word(nint semaphore) => ref *(long*)semaphore;

    private static Verdict TryToWait() =>
        IsLayoutKnown ? WithSemaphore(semaphore => KernelWaitsOnMany(semaphore) ? PostWakes(semaphore) : Verdict.Fails) : Verdict.Fails;

    private static T WithSemaphore<T>(Func<nint, T> test)
    {
        nint semaphore = (nint)NativeMemory.AlignedAlloc(Interop.SemaphoreSize, Interop.SemaphoreSize);
        try
        {
            return Interop.SemaphoreInitialize(semaphore, 1, 3) == 0 ? test(semaphore) : default!;
        }
        finally
        {
            NativeMemory.AlignedFree((void*)semaphore);
        }
    }

    private static bool CountsAreWhereExpected(nint semaphore)
    {
        if (!BitConverter.IsLittleEndian || !Interop.HasFunction("gnu_get_libc_version") || Word(semaphore) != 3 || Interop.SemaphorePost(semaphore) != 0 || Word(semaphore) != 4)
        {
            return false;
        }

        Register(semaphore);
        bool taken = TryTakeAndUnregister(semaphore);
        return taken && Word(semaphore) == 3 && Drain(semaphore) && Word(semaphore) == 0;
    }

    /// <summary>The value is 3, not 0, so a kernel that has the call returns EAGAIN at once.</summary>
    private static bool KernelWaitsOnMany(nint semaphore) => Interop.FutexWaitAny([EntryFor(semaphore)], default) == Interop.EAGAIN;

    /// <summary>Whether libc's post ends the kernel's wait. Only a wait that blocks before the post proves this, so each attempt posts later.</summary>
    private static Verdict PostWakes(nint semaphore)
    {
        const int LongestDelayMilliseconds = 256;

        _ = Drain(semaphore);
        for (int delay = 0; delay <= LongestDelayMilliseconds; delay = Math.Max(1, delay * 2))
        {
            Register(semaphore);
            if (StartPoster(semaphore, delay) is not { } poster)
            {
                return Verdict.Open;
            }

            int error = BlockUntilPost(semaphore, poster);
            poster.Join();
            if (!TryTakeAndUnregister(semaphore))
            {
                return Verdict.Fails;
            }

            if (error != Interop.EAGAIN)
            {
                return error == 0 ? Verdict.Works : Verdict.Fails;
            }
        }

        return Verdict.Open;
    }

    private static Thread? StartPoster(nint semaphore, int delay) => BackgroundThread.TryStart(
        () =>
        {
            Thread.Sleep(delay);
            _ = Interop.SemaphorePost(semaphore);
        },
        "Chappe self-test");

    /// <returns>0 if the post woke the wait, EAGAIN if the post came before the wait, ETIMEDOUT if the post did not wake the wait.</returns>
    private static int BlockUntilPost(nint semaphore, Thread poster)
    {
        while (true)
        {
            int error = Interop.FutexWaitAny([EntryFor(semaphore)], Deadline.After(TimeSpan.FromSeconds(5)));
            if (error != Interop.EINTR && (error != Interop.ETIMEDOUT || !poster.IsAlive))
            {
                return error;
            }
        }
    }

    private static bool Drain(nint semaphore) =>
        Interop.SemaphoreTryWait(semaphore) == 0 && Interop.SemaphoreTryWait(semaphore) == 0 && Interop.SemaphoreTryWait(semaphore) == 0;
}
