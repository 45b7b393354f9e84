namespace Chappe.Exchange;

/// <summary>
/// Keeps shared memory mapped while anybody is inside: the owner counts as one, and the last to leave releases. A span that is still in use when
/// the owner is disposed would otherwise kill the process.
/// </summary>
internal sealed class UseCount(Action release)
{
    private int _count = 1;

    /// <summary>Enters; false once the last has left.</summary>
    internal bool TryEnter()
    {
        int count = Volatile.Read(ref _count);
        while (count > 0)
        {
            int seen = Interlocked.CompareExchange(ref _count, count + 1, count);
            if (seen == count)
            {
                return true;
            }

            count = seen;
        }

        return false;
    }

    internal void Leave()
    {
        if (Interlocked.Decrement(ref _count) == 0)
        {
            release();
        }
    }
}
