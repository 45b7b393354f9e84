namespace Chappe.Exchange;

/// <summary>The channels of this machine: what stands in /dev/shm, who is alive, and the removal of what is dead.</summary>
/// <remarks>
/// <see cref="List"/> and <see cref="Find"/> only look: they take no lock and no token, map nothing and open for reading, so they disturb nobody
/// and can be hurt by nobody. Objects of other users are shown as far as the permissions let them be seen.
/// </remarks>
public static class ChannelCatalog
{
    /// <summary>Every channel whose objects have the names that are derived from its own, ordered by name.</summary>
    /// <remarks>
    /// Objects whose names were given one by one are found by nobody who does not know them: use <see cref="Find"/>. A <c>/</c> in a
    /// channel's name is a <c>_</c> here, which leads to the same objects.
    /// </remarks>
    /// <exception cref="UnauthorizedAccessException">/dev/shm cannot be read.</exception>
    public static IReadOnlyList<ChannelSnapshot> List() =>
        [.. ChannelFiles.Names().Order(StringComparer.Ordinal).Select(name => ChannelObserver.Look(name)).OfType<ChannelSnapshot>()];

    /// <summary>One channel.</summary>
    /// <returns>Null if none of its objects exists.</returns>
    public static ChannelSnapshot? Find(ChannelName channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return ChannelObserver.Look(channel);
    }

    /// <summary>Removes what a requester that is gone left of a channel, as the requester would have: the objects that its CTRL names, and CTRL.</summary>
    /// <remarks>
    /// <para>
    /// It takes the requester's lock first, so that no requester begins meanwhile; one that tries waits a moment and then makes the channel anew. A responder that
    /// is alive is no obstacle: it keeps the memory that it uses, sees that the channel is gone and waits for the next requester.
    /// </para>
    /// <para>
    /// Forced, it also removes what cannot be known to be dead (objects without a CTRL that can be read), and a channel whose requester lives. That
    /// requester makes its channel anew with its next request that nobody takes.
    /// </para>
    /// </remarks>
    /// <param name="channel">The channel, by its name or by the names of its objects.</param>
    /// <param name="force">Removes also what lives or may live.</param>
    /// <returns>What was removed, nothing if nothing was there, and what was left.</returns>
    /// <exception cref="ChannelInUseException">Not forced: its requester lives (its process id is given), or nobody can tell whether it does.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied: it belongs to another user.</exception>
    public static ChannelRemoval Remove(ChannelName channel, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new ChannelRemover(channel, force).Run();
    }
}
