using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>One channel over one interval. In JSON: these properties in this order, in camel case.</summary>
/// <param name="Time">The end of the interval, in UTC.</param>
/// <param name="Channel">Its name.</param>
/// <param name="Level">extended, basic or pieces.</param>
/// <param name="Requester">The requester.</param>
/// <param name="RequesterName">The name of the requester's process; null if it cannot be read.</param>
/// <param name="Responder">The responder that serves it. Its state is basic if a responder of the basic level, which is invisible but for its responses, answered.</param>
/// <param name="ResponderName">The name of the responder's process; null if it cannot be read.</param>
/// <param name="RequestPending">Whether a request has no response yet; null if that cannot be read.</param>
/// <param name="Exchanges">The number of answered requests. This and all following figures are null if CTRL cannot be read.</param>
/// <param name="ExchangesPerSecond">The number of answered requests per second.</param>
/// <param name="BytesPerSecond">An estimate from the sampled payloads; null if no sample met one.</param>
/// <param name="MeanMicroseconds">The mean time from request to response, from the share of samples with an unanswered request; null without exchanges.</param>
/// <param name="P50AtMostMicroseconds">An upper bound for half of the exchanges.</param>
/// <param name="P95AtMostMicroseconds">An upper bound for 95 % of the exchanges.</param>
/// <param name="P99AtMostMicroseconds">An upper bound for 99 % of the exchanges.</param>
/// <param name="LastName">The name of the last request that a sample met before a responder took it; null for none.</param>
/// <param name="Remark">An irregularity of the channel; null for none.</param>
internal sealed record WatchRecord(
    DateTime Time,
    string Channel,
    string Level,
    PeerRecord Requester,
    string? RequesterName,
    PeerRecord Responder,
    string? ResponderName,
    bool? RequestPending,
    long? Exchanges,
    double? ExchangesPerSecond,
    double? BytesPerSecond,
    double? MeanMicroseconds,
    double? P50AtMostMicroseconds,
    double? P95AtMostMicroseconds,
    double? P99AtMostMicroseconds,
    string? LastName,
    string? Remark)
{
    public static WatchRecord Of(ChannelSnapshot snapshot, ExchangeTally tally, string? lastName, PeerNames names)
    {
        ChannelRecord channel = ChannelRecord.Of(snapshot);
        bool isCounted = tally.Elapsed > TimeSpan.Zero;
        return new WatchRecord(
            DateTime.UtcNow,
            channel.Channel,
            channel.Level,
            channel.Requester,
            names.NameOf(snapshot.Requester),
            tally.HasBasicAnswers && channel.Responder.State != "alive" ? new PeerRecord("basic", null) : channel.Responder,
            names.NameOf(snapshot.Responder),
            channel.RequestPending,
            isCounted ? tally.Exchanges : null,
            Round(tally.ExchangesPerSecond),
            isCounted ? Round(tally.BytesPerSecond) : null,
            Microseconds(tally.MeanLatency),
            Microseconds(tally.LatencyAtMost(0.5)),
            Microseconds(tally.LatencyAtMost(0.95)),
            Microseconds(tally.LatencyAtMost(0.99)),
            lastName,
            channel.Remark);
    }

    private static double? Microseconds(TimeSpan? time) => Round(time?.TotalMicroseconds);

    private static double? Round(double? value) => value is { } number ? Math.Round(number, 1) : null;
}
