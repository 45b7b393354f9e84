namespace Chappe.Exchange;

/// <summary>
/// Keeps shared memory mapped while it is in use. The owner counts as one user, and the last user that leaves releases the memory. Otherwise an access to a span
/// after the owner is disposed would kill the process.
/// </summary>
internal sealed class Lifetime(Type owner, Action release)
{
    private int _users = 1;
    private int _hasEnded;

    /// <summary>Whether the owner is disposed. The memory stays mapped until the last user leaves.</summary>
    internal bool HasEnded => Volatile.Read(ref _hasEnded) != 0;

    /// <exception cref="ObjectDisposedException">The owner is disposed.</exception>
    internal void ThrowIfEnded() => ObjectDisposedException.ThrowIf(HasEnded, owner);

    /// <summary>Adds a user, which must call <see cref="Leave"/>.</summary>
    /// <exception cref="ObjectDisposedException">The owner is disposed.</exception>
    internal void Enter()
    {
        ThrowIfEnded();
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return;
            }

            users = seen;
        }

        throw new ObjectDisposedException(owner.FullName);
    }

    /// <summary>Removes a user. The last one releases the memory.</summary>
    internal void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            release();
        }
    }

    /// <summary>Marks the owner as disposed, with a full memory barrier. The owner remains a user until it calls <see cref="Leave"/>.</summary>
    /// <returns>False if the owner is already disposed.</returns>
    internal bool TryEnd() => Interlocked.Exchange(ref _hasEnded, 1) == 0;
}
