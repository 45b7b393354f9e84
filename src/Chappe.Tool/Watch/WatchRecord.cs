using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>What one channel did over one interval. As JSON it has these properties in this order, in camel case.</summary>
/// <param name="Time">When the interval ended, in UTC.</param>
/// <param name="Channel">Its name.</param>
/// <param name="Level">extended, basic or pieces.</param>
/// <param name="Requester">The requester.</param>
/// <param name="RequesterName">The requester's process, null where it cannot be known.</param>
/// <param name="Responder">The responder that serves it; its state is basic if one of the basic level, which nobody can see, was seen to answer.</param>
/// <param name="ResponderName">The responder's process, null where it cannot be known.</param>
/// <param name="RequestPending">Whether an answer may still come, null where that cannot be known.</param>
/// <param name="Exchanges">How many were answered; like all figures that follow null where CTRL cannot be read.</param>
/// <param name="ExchangesPerSecond">The same, per second.</param>
/// <param name="BytesPerSecond">By the mean of the payloads that were caught; null if none was.</param>
/// <param name="MeanMicroseconds">From request to answer, by the share of the samples that saw a request unanswered; null without exchanges.</param>
/// <param name="P50AtMostMicroseconds">Half of the exchanges took at most this.</param>
/// <param name="P95AtMostMicroseconds">95 % of the exchanges took at most this.</param>
/// <param name="P99AtMostMicroseconds">99 % of the exchanges took at most this.</param>
/// <param name="LastName">The last name that was caught before it was taken, null for none.</param>
/// <param name="Remark">What is odd about it, null for nothing.</param>
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
