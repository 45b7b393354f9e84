using System.Runtime.InteropServices;

namespace Chappe.Posix;

/// <summary>
/// glibc's sem_t as 64-bit Linux has it: one word, the value in its low half and the number of waiters in its high half. Knowing it, a post and a look
/// cost no call, and a wait can block on the semaphore and on something else at once, beside processes in C that know nothing of it.
/// </summary>
/// <remarks>
/// The rules (glibc, nptl/sem_waitcommon.c): register before looking at the value, since a post wakes only if it sees a waiter; take a token and the registration
/// away in one step; whoever gives up while a token and other waiters are there wakes one of them.
/// </remarks>
internal static unsafe class SemaphoreWord
{
    private const long OneWaiter = 1L << 32;

    /// <summary>Whether libc's semaphores are the ones this knows: found out by trying, once.</summary>
    private static readonly bool IsLayoutKnown = WithSemaphore(CountsAreWhereExpected);

    private static readonly Lazy<bool> CanWaitFor = new(() => IsLayoutKnown && WithSemaphore(semaphore => KernelWaitsOnMany(semaphore) && PostWakes(semaphore)));

    /// <summary>Whether the kernel, too, is one that this knows how to wait with: found out by trying, once.</summary>
    internal static bool CanWait => CanWaitFor.Value;

    /// <summary>Takes one if the value is not 0: sem_trywait(3).</summary>
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

    /// <summary>Raises the value, and wakes a waiter if there is one: sem_post(3).</summary>
    /// <returns>False if the value is the largest already.</returns>
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

    /// <summary>An entry that waits while the value is 0.</summary>
    internal static Interop.FutexEntry EntryFor(nint semaphore) =>
        new() { Address = (ulong)semaphore, Expected = 0, Flags = Interop.FUTEX2_SIZE_U32 };

    private static ref long Word(nint semaphore) => ref *(long*)semaphore;

    private static bool WithSemaphore(Func<nint, bool> test)
    {
        nint semaphore = (nint)NativeMemory.AlignedAlloc(Interop.SemaphoreSize, Interop.SemaphoreSize);
        try
        {
            return Interop.SemaphoreInitialize(semaphore, 1, 3) == 0 && test(semaphore);
        }
        finally
        {
            NativeMemory.AlignedFree((void*)semaphore);
        }
    }

    /// <summary>
    /// Asked apart from <see cref="PostWakes"/>, which never comes to wait if the post is quicker. The value is 3 and not 0: a kernel that knows the call says so.
    /// </summary>
    private static bool KernelWaitsOnMany(nint semaphore) => Interop.FutexWaitAny([EntryFor(semaphore)], default) == Interop.EAGAIN;

    private static bool CountsAreWhereExpected(nint semaphore)
    {
        if (!BitConverter.IsLittleEndian || !Interop.HasFunction("gnu_get_libc_version") || Word(semaphore) != 3 || Interop.SemaphorePost(semaphore) != 0 || Word(semaphore) != 4)
        {
            return false;
        }

        Register(semaphore);
        bool taken = TryTakeAndUnregister(semaphore);
        return taken
            && Word(semaphore) == 3
            && Interop.SemaphoreTryWait(semaphore) == 0 && Interop.SemaphoreTryWait(semaphore) == 0 && Interop.SemaphoreTryWait(semaphore) == 0
            && Word(semaphore) == 0;
    }

    private static bool PostWakes(nint semaphore)
    {
        _ = Interop.SemaphoreTryWait(semaphore) + Interop.SemaphoreTryWait(semaphore) + Interop.SemaphoreTryWait(semaphore);
        Register(semaphore);
        var poster = new Thread(() => _ = Interop.SemaphorePost(semaphore)) { IsBackground = true, Name = "Chappe self-test" };
        poster.Start();

        Deadline deadline = Deadline.After(TimeSpan.FromSeconds(5));
        bool taken = false;
        int error = 0;
        while (!(taken = TryTakeAndUnregister(semaphore)) && error is 0 or Interop.EAGAIN or Interop.EINTR)
        {
            error = Interop.FutexWaitAny([EntryFor(semaphore)], deadline);
        }

        poster.Join();
        return taken;
    }
}
