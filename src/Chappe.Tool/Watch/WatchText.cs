using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Chappe.Tool;

/// <summary>Watched channels for people.</summary>
internal static class WatchText
{
    private const string Unknown = "?";

    /// <summary>What a terminal shows.</summary>
    public static IRenderable Live(IReadOnlyList<WatchRecord> channels, string none)
    {
        if (channels.Count == 0)
        {
            return new Text(none);
        }

        Table table = new Table().Border(TableBorder.Rounded);
        table.AddColumns("CHANNEL", "REQUESTER", "RESPONDER");
        foreach (string figure in (string[])["PER SECOND", "BYTES/S", "MEAN", "P50 ≤", "P95 ≤", "P99 ≤"])
        {
            table.AddColumn(new TableColumn(figure).RightAligned());
        }

        table.AddColumn("LAST NAME");
        foreach (WatchRecord channel in channels)
        {
            string[] cells =
            [
                channel.Level == "extended" ? channel.Channel : $"{channel.Channel} ({channel.Level})",
                Peer(channel.Requester, channel.RequesterName),
                Peer(channel.Responder, channel.ResponderName),
                Number(channel.ExchangesPerSecond),
                Bytes(channel.BytesPerSecond),
                Time(channel.MeanMicroseconds),
                Time(channel.P50AtMostMicroseconds),
                Time(channel.P95AtMostMicroseconds),
                Time(channel.P99AtMostMicroseconds),
                channel.Remark ?? channel.LastName ?? "",
            ];
            string style = channel is { Requester.State: "alive", Responder.State: "alive" } ? "green" : "yellow";
            table.AddRow(cells.Select((cell, column) => new Markup(Markup.Escape(DisplayText.Safe(cell)), column == 0 ? Style.Parse(style) : Style.Plain)));
        }

        return table;
    }

    /// <summary>What a file or another program gets.</summary>
    public static string Line(WatchRecord channel)
    {
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{channel.Time:HH:mm:ss} {channel.Channel}: requester {Peer(channel.Requester, channel.RequesterName)}, responder {Peer(channel.Responder, channel.ResponderName)}, "
            + $"{Number(channel.ExchangesPerSecond)} exchanges/s, {Bytes(channel.BytesPerSecond)}/s");
        if (channel.MeanMicroseconds is not null)
        {
            line += $", mean {Time(channel.MeanMicroseconds)}, p50 <= {Time(channel.P50AtMostMicroseconds)}, "
                + $"p95 <= {Time(channel.P95AtMostMicroseconds)}, p99 <= {Time(channel.P99AtMostMicroseconds)}";
        }

        line += channel.LastName is null ? "" : $", last {channel.LastName}";
        return DisplayText.Safe(channel.Remark is null ? line : $"{line}. {channel.Remark}");
    }

    private static string Peer(PeerRecord peer, string? name) => name is null ? peer.Text : $"{peer.Text} {name}";

    private static string Number(double? number) =>
        number is { } known ? known.ToString(known is > 0 and < 100 ? "N1" : "N0", CultureInfo.InvariantCulture) : Unknown;

    private static string Bytes(double? bytes) => bytes is { } known ? DisplayText.Bytes(known) : Unknown;

    private static string Time(double? microseconds) => microseconds switch
    {
        null => "",
        < 999.5 => string.Create(CultureInfo.InvariantCulture, $"{microseconds:G3} µs"),
        < 999_500 => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1000:G3} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1_000_000:F1} s"),
    };
}
