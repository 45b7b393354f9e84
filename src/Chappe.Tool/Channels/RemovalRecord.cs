using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>The result of <c>chappe remove</c>. In JSON: these properties in this order, in camel case.</summary>
/// <param name="Channel">The name of the channel.</param>
/// <param name="Ok">Whether any object was removed.</param>
/// <param name="Status">removed, not-found, alive, may-be-alive, forbidden or failed.</param>
/// <param name="Removed">The names of the removed objects.</param>
/// <param name="Left">The names of the objects that were left.</param>
/// <param name="ProcessId">The process of the live requester; null if unknown.</param>
/// <param name="Message">The reason why nothing was removed or why objects were left; null otherwise.</param>
internal sealed record RemovalRecord(
    string Channel,
    bool Ok,
    string Status,
    IReadOnlyList<string> Removed,
    IReadOnlyList<string> Left,
    int? ProcessId,
    string? Message)
{
    public static RemovalRecord Try(ChannelName channel, bool force)
    {
        try
        {
            ChannelRemoval removal = ChannelCatalog.Remove(channel, force);
            return removal.Removed.Count == 0
                ? new(channel.Name, false, "not-found", [], removal.Left, null, $"There is no channel {channel}. chappe list shows all channels.")
                : new(channel.Name, true, "removed", removal.Removed, removal.Left, null, LeftText(removal));
        }
        catch (ChannelInUseException exception) when (exception.ProcessId is { } process)
        {
            return Refused("alive", $"Its requester is alive: process {process}. End that process, or remove the channel in spite of it with --force.", process);
        }
        catch (ChannelInUseException exception)
        {
            return Refused("may-be-alive", $"{exception.Message} If it is dead, remove it with --force.");
        }
        catch (UnauthorizedAccessException exception)
        {
            return Refused("forbidden", exception.Message);
        }
        catch (Exception exception) when (exception is IOException or PlatformNotSupportedException)
        {
            return Refused("failed", exception.Message);
        }

        RemovalRecord Refused(string status, string message, int? process = null) =>
            new(channel.Name, false, status, [], [], process, $"Channel {channel} was not removed. {message}");
    }

    private static string? LeftText(ChannelRemoval removal) => removal.Left.Count == 0
        ? null
        : $"Left in place, because another program may use it: {string.Join(", ", removal.Left)}. To remove it, add --force.";
}
