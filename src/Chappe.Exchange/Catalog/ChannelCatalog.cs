namespace Chappe.Exchange;

/// <summary>Lists the channels of this machine, reports which sides are alive, and removes the channels of dead requesters.</summary>
/// <remarks>
/// <see cref="List"/> and <see cref="Find"/> only read: they take no lock and no token and map nothing, so they neither disturb a channel nor depend on its
/// processes. They report objects of other users as far as permissions allow.
/// </remarks>
public static class ChannelCatalog
{
    /// <summary>Returns every channel whose objects have the default names, ordered by channel name.</summary>
    /// <remarks>
    /// A channel whose objects have names of their own is not listed: use <see cref="Find"/>. A <c>/</c> in a channel's name is listed as <c>_</c>, which
    /// stands for the same objects.
    /// </remarks>
    /// <exception cref="UnauthorizedAccessException">/dev/shm cannot be read.</exception>
    public static IReadOnlyList<ChannelSnapshot> List() =>
        [.. ChannelFiles.Names().Order(StringComparer.Ordinal).Select(name => ChannelObserver.Look(name)).OfType<ChannelSnapshot>()];

    /// <summary>Returns one channel.</summary>
    /// <returns>The channel, or null if none of its objects exists.</returns>
    public static ChannelSnapshot? Find(ChannelName channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return ChannelObserver.Look(channel);
    }

    /// <summary>Removes a channel that a dead requester left behind: the objects that its CTRL segment names, and the CTRL segment.</summary>
    /// <remarks>
    /// <para>
    /// The method takes the requester's lock first. A requester that starts meanwhile waits until the removal is done and then creates the channel. A living
    /// responder does not prevent the removal: it keeps the memory it uses, detects that the channel is gone, and waits for the next requester.
    /// </para>
    /// <para>
    /// With <paramref name="force"/>, the method also removes objects without a readable CTRL segment, which may be in use, and a channel whose requester is alive.
    /// Such a requester creates its channel again when no responder takes its next request.
    /// </para>
    /// </remarks>
    /// <param name="channel">The channel. Names of objects that differ from the default names are respected.</param>
    /// <param name="force">Whether to remove a channel that is in use, or may be.</param>
    /// <returns>The names of the objects that were removed and of those that remain. Both lists are empty if the channel did not exist.</returns>
    /// <exception cref="ChannelInUseException">The requester is alive (the exception has its process id), or its state is unknown, and <paramref name="force"/> is false.</exception>
    /// <exception cref="UnauthorizedAccessException">An object belongs to another user.</exception>
    public static ChannelRemoval Remove(ChannelName channel, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return new ChannelRemover(channel, force).Run();
    }
}
