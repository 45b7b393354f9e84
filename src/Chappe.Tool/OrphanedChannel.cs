using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>The remains of a server that was killed before it could clean up.</summary>
internal static class OrphanedChannel
{
    /// <summary>Adopts the channel if it still stands without a server, and closes it as its own server would have.</summary>
    public static void Remove(ChannelName channel)
    {
        if (!File.Exists($"/dev/shm{channel.ControlSegment}"))
        {
            return;
        }

        try
        {
            Requester.Create(channel).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Somebody else's by now.
        }
    }
}
