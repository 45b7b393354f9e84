namespace Chappe.Posix;

/// <summary>Where an asynchronous wait blocks once it has spun: on a thread of its own.</summary>
internal static class BlockedWaits
{
    internal static Task<bool> Start(NamedSemaphore semaphore, Deadline deadline, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            static state =>
            {
                var (semaphore, deadline, cancellationToken) = ((NamedSemaphore, Deadline, CancellationToken))state!;
                return semaphore.Block(deadline, cancellationToken);
            },
            (semaphore, deadline, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
}
