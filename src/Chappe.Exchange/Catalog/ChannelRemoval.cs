namespace Chappe.Exchange;

/// <summary>What became of a channel's objects.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Removed">The names of the objects that were removed; empty if nothing was there.</param>
/// <param name="Left">
/// The names of those that stand although the channel is removed: its CTRL did not name them, so they may be another program's, such as a
/// responder of the basic level that waits for a requester. Forced, they are removed too.
/// </param>
public sealed record ChannelRemoval(ChannelName Channel, IReadOnlyList<string> Removed, IReadOnlyList<string> Left);
