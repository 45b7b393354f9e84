namespace Chappe.Posix;

/// <summary>Starts threads of this library, if the system permits another thread.</summary>
internal static class BackgroundThread
{
    /// <returns>Null if the system refuses the thread: too many threads (RLIMIT_NPROC, a pids cgroup), or no address space for its stack (RLIMIT_AS).</returns>
    internal static Thread? TryStart(ThreadStart run, string name)
    {
        var thread = new Thread(run) { IsBackground = true, Name = name };
        try
        {
            thread.UnsafeStart();
            return thread;
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            return null;
        }
    }

    internal static bool IsRefusal(Exception? exception) => exception is OutOfMemoryException or ThreadStartException;

    internal static PosixException Refused(NamedSemaphore semaphore) => new(
        $"Cannot wait asynchronously on the semaphore '{semaphore.Name}': no thread can be started for the wait. Raise the limit on threads (ulimit -u, "
        + "the pids limit of the container), on open files (ulimit -n) or on address space (ulimit -v), or use the blocking Wait.",
        PosixError.OutOfMemory,
        Interop.EAGAIN,
        semaphore.Name);
}
