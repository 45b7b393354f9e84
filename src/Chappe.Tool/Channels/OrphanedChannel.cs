using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>What a requester left that was killed before it could clean up.</summary>
internal static class OrphanedChannel
{
    /// <summary>Removes the channel if it exists without a live requester.</summary>
    public static void Remove(ChannelName channel)
    {
        try
        {
            ChannelCatalog.Remove(channel);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another requester owns it.
        }
    }
}
