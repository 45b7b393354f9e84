namespace Chappe.Posix;

/// <summary>How a wait blocks after it has spun. A probe, not a version number, determines which method works.</summary>
internal enum BlockingMethod
{
    /// <summary>futex_waitv on the semaphore's word and on a word of this process: cancellation ends the wait at once.</summary>
    Futex,

    /// <summary>sem_clockwait in slices.</summary>
    MonotonicSlices,

    /// <summary>sem_timedwait in slices, for a libc without sem_clockwait: musl, and glibc before 2.30.</summary>
    WallClockSlices,
}
