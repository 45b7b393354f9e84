namespace Chappe.Exchange;

/// <summary>What stood of a channel's exchanges at one moment, see <see cref="ChannelSampler"/>. It was written by others and is not to be trusted.</summary>
internal readonly record struct ChannelSample
{
    /// <summary>The ticket of the request that was asked last, as far as it still stands; 0 if it does not. Each request has the next number, an owner begins anywhere.</summary>
    public ulong LastTicket { get; init; }

    /// <summary>Whether an answer may still come.</summary>
    public bool IsPending { get; init; }

    /// <summary>The time since the last request was asked, in whole milliseconds; null if none was, or it cannot be known.</summary>
    public TimeSpan? SinceAsked { get; init; }

    /// <summary>The length of the payload that stands, in bytes; null if none does, or it could not be caught.</summary>
    public long? AnswerLength { get; init; }
}
