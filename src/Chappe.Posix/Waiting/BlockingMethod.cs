namespace Chappe.Posix;

/// <summary>How a wait blocks once it has spun. Which one works is found out by trying, not from a version.</summary>
internal enum BlockingMethod
{
    /// <summary>futex_waitv on the semaphore's word and on one of ours: a cancellation ends it at once.</summary>
    Futex,

    /// <summary>sem_clockwait in slices.</summary>
    MonotonicSlices,

    /// <summary>sem_timedwait in slices, where libc has no sem_clockwait: musl, and glibc before 2.30.</summary>
    WallClockSlices,
}
