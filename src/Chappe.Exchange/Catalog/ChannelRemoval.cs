namespace Chappe.Exchange;

/// <summary>The result of <see cref="ChannelCatalog.Remove"/>.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Removed">The names of the objects that were removed; empty if the channel did not exist.</param>
/// <param name="Left">
/// The names of the objects that remain because the CTRL segment did not name them. They may belong to another program, such as a responder of the basic
/// level that waits for a requester. A forced removal removes them too.
/// </param>
public sealed record ChannelRemoval(ChannelName Channel, IReadOnlyList<string> Removed, IReadOnlyList<string> Left);
