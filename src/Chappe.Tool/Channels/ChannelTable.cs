using System.Globalization;

namespace Chappe.Tool;

/// <summary>The tables of <c>chappe list</c>.</summary>
internal static class ChannelTable
{
    private const string Unknown = "?";

    public static ColumnTable OfChannels(IEnumerable<ChannelRecord> channels)
    {
        var table = new ColumnTable(
            new("CHANNEL"),
            new("LEVEL", Rank: 4),
            new("REQUESTER"),
            new("RESPONDER"),
            new("ASKED", Rank: 7),
            new("PENDING", Rank: 6),
            new("MEMORY", Rank: 5),
            new("POSTS", Rank: 2),
            new("OWNER", Rank: 3),
            new("MODE", Rank: 1),
            new("REMARK", Wraps: true));
        foreach (ChannelRecord channel in channels)
        {
            table.Add(
                channel.Requester.State == "alive" ? "green" : "yellow",
                channel.Channel,
                channel.Level,
                channel.Requester.Text,
                channel.Responder.Text,
                Ago(channel.MillisecondsSinceLastRequest),
                channel.RequestPending switch { true => "yes", false => "no", _ => Unknown },
                DisplayText.Bytes(channel.Objects.Sum(item => item.AllocatedBytes)),
                $"{Count(channel, "req")}/{Count(channel, "res")}",
                Distinct(channel, item => item.Owner ?? item.OwnerUserId.ToString(CultureInfo.InvariantCulture)),
                Distinct(channel, item => item.Mode),
                channel.Remark ?? "");
        }

        return table;
    }

    public static ColumnTable OfObjects(IEnumerable<ChannelRecord> channels)
    {
        var table = new ColumnTable(
            new("OBJECT"),
            new("BYTES", Rank: 4, IsNumber: true),
            new("ALLOCATED", Rank: 5, IsNumber: true),
            new("COUNT", Rank: 3, IsNumber: true),
            new("OWNER"),
            new("GROUP", Rank: 1),
            new("MODE", Rank: 2));
        foreach (ObjectRecord item in channels.SelectMany(channel => channel.Objects))
        {
            table.Add(
                "default",
                item.IsRegularFile ? item.Name : $"{item.Name} (no file)",
                item.Bytes.ToString("N0", CultureInfo.InvariantCulture),
                item.AllocatedBytes.ToString("N0", CultureInfo.InvariantCulture),
                item.Count?.ToString(CultureInfo.InvariantCulture) ?? "",
                item.Owner ?? item.OwnerUserId.ToString(CultureInfo.InvariantCulture),
                item.Group ?? item.GroupId.ToString(CultureInfo.InvariantCulture),
                item.Mode);
        }

        return table;
    }

    private static string Ago(long? milliseconds) => milliseconds switch
    {
        null => "",
        < 1000 => "now",
        < 60_000 => $"{milliseconds / 1000} s ago",
        < 3_600_000 => $"{milliseconds / 60_000} min ago",
        < 172_800_000 => $"{milliseconds / 3_600_000} h ago",
        _ => $"{milliseconds / 86_400_000} days ago",
    };

    private static string Count(ChannelRecord channel, string role) =>
        channel.Objects.FirstOrDefault(item => item.Role == role)?.Count?.ToString(CultureInfo.InvariantCulture) ?? Unknown;

    private static string Distinct(ChannelRecord channel, Func<ObjectRecord, string> select) =>
        string.Join(", ", channel.Objects.Select(select).Distinct());
}
