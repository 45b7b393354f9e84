using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Chappe.Tool;

/// <summary>Watched channels, as text for people.</summary>
internal static class WatchText
{
    private const string Unknown = "?";

    /// <summary>The table for a terminal of a width.</summary>
    public static IRenderable Live(IReadOnlyList<WatchRecord> channels, string none, int width)
    {
        if (channels.Count == 0)
        {
            return new Text(none);
        }

        var table = new ColumnTable(
            new("CHANNEL"),
            new("REQUESTER"),
            new("RESPONDER"),
            new("PER SECOND", IsNumber: true),
            new("BYTES/S", Rank: 5, IsNumber: true),
            new("MEAN", Rank: 4, IsNumber: true),
            new("P50 ≤", Rank: 1, IsNumber: true),
            new("P95 ≤", Rank: 2, IsNumber: true),
            new("P99 ≤", Rank: 3, IsNumber: true),
            new("LAST NAME", Rank: 6, Wraps: true));
        foreach (WatchRecord channel in channels)
        {
            table.Add(
                channel is { Requester.State: "alive", Responder.State: "alive" } ? "green" : "yellow",
                channel.Level == "extended" ? channel.Channel : $"{channel.Channel} ({channel.Level})",
                Peer(channel.Requester, channel.RequesterName),
                Peer(channel.Responder, channel.ResponderName),
                Number(channel.ExchangesPerSecond),
                Bytes(channel.BytesPerSecond),
                Time(channel.MeanMicroseconds),
                Time(channel.P50AtMostMicroseconds),
                Time(channel.P95AtMostMicroseconds),
                Time(channel.P99AtMostMicroseconds),
                channel.Remark ?? channel.LastName ?? "");
        }

        return table.ForTerminal(width);
    }

    /// <summary>The line for a file or a pipe.</summary>
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
