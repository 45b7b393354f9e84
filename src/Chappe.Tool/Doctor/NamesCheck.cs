using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>The channels in /dev/shm, those that dead requesters left, and other semaphores.</summary>
internal static class NamesCheck
{
    private const string Check = "names";

    public static Finding Run() => Run(ChannelCatalog.List(), SharedObjectNames.Semaphores());

    public static Finding Run(IReadOnlyList<ChannelSnapshot> channels, IReadOnlyList<string> semaphores)
    {
        string[] dead = [.. channels.Where(channel => channel.Requester.Liveness == PeerLiveness.Gone).Select(channel => channel.Channel.Name)];
        string[] unknown = [.. channels.Where(channel => channel.Requester.Liveness == PeerLiveness.Unknown).Select(channel => channel.Channel.Name)];
        HashSet<string> ours = [.. channels.SelectMany(channel => channel.Objects).Select(item => item.Name)];
        int foreign = semaphores.Count(name => !ours.Contains(name));

        string found = $"{Amount(channels.Count, "channel")}; {Amount(foreign, "semaphore")} of no channel."
            + (dead.Length == 0 ? "" : $" Left by dead requesters: {string.Join(", ", dead)}.")
            + (unknown.Length == 0 ? "" : $" With a requester that may be alive or dead: {string.Join(", ", unknown)}.");
        return dead.Length + unknown.Length == 0
            ? Finding.Ok(Check, found)
            : Finding.Note(
                Check,
                found,
                "A new requester takes over what a dead one left; chappe remove CHANNEL deletes it. Where the requester may be alive, chappe remove needs --force.");
    }

    private static string Amount(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
