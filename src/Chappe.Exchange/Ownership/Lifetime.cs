namespace Chappe.Exchange;

/// <summary>
/// Keeps shared memory mapped while it is in use. The last user that leaves releases the memory. Otherwise an access to a span after the owner is disposed
/// would kill the process.
/// </summary>
/// <remarks>
/// The owner is a user until it is disposed, and its exchange one until no exchange is in progress after that. Entering and leaving costs two locked instructions; an
/// exchange costs none: it looks at <see cref="HasEnded"/> when it ends, and <see cref="TryEnd"/> pays for the order of the two.
/// </remarks>
internal sealed class Lifetime(Type owner, Action release)
{
    /// <summary>The owner and its exchange.</summary>
    private int _users = 2;

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

    /// <summary>
    /// Marks the owner as disposed. A thread that ends an exchange writes its state and then reads <see cref="HasEnded"/>, without a barrier: the barrier for all
    /// threads here makes sure that either this thread then reads that state, or the other one sees the mark.
    /// </summary>
    /// <returns>False if the owner is already disposed.</returns>
    internal bool TryEnd()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0)
        {
            return false;
        }

        Interlocked.MemoryBarrierProcessWide();
        return true;
    }
}
