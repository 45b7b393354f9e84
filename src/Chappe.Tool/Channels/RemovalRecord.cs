using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>What became of a removal. As JSON it has these properties in this order, in camel case.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Ok">Whether something was removed.</param>
/// <param name="Status">removed, not-found, alive, may-be-alive, forbidden or failed.</param>
/// <param name="Removed">The names of the objects that were removed.</param>
/// <param name="Left">The names of those that stand.</param>
/// <param name="ProcessId">The living requester's process, null for none that is known.</param>
/// <param name="Message">Why nothing was removed, or what was left; null for neither.</param>
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
                ? new(channel.Name, false, "not-found", [], removal.Left, null, $"There is no channel {channel}. chappe list shows those that there are.")
                : new(channel.Name, true, "removed", removal.Removed, removal.Left, null, LeftText(removal));
        }
        catch (ChannelInUseException exception) when (exception.ProcessId is { } process)
        {
            return Refused("alive", $"Its requester lives: process {process}. End that process; --force removes the channel under it.", process);
        }
        catch (ChannelInUseException exception)
        {
            return Refused("may-be-alive", $"{exception.Message} (--force)");
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
        : $"Left, since it may be another program's: {string.Join(", ", removal.Left)}. --force removes it.";
}
