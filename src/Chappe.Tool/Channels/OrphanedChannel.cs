using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>The remains of a requester that was killed before it could clean up.</summary>
internal static class OrphanedChannel
{
    /// <summary>Removes the channel if it still stands without a requester.</summary>
    public static void Remove(ChannelName channel)
    {
        try
        {
            ChannelCatalog.Remove(channel);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Somebody else's by now.
        }
    }
}
