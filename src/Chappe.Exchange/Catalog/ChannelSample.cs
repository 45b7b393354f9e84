namespace Chappe.Exchange;

/// <summary>The state of a channel's exchanges at one moment, see <see cref="ChannelSampler"/>. Other processes wrote it: do not trust it.</summary>
internal readonly record struct ChannelSample
{
    /// <summary>The ticket of the last request, or 0 if CTRL no longer has it. Tickets of one owner are consecutive; the first is arbitrary.</summary>
    public ulong LastTicket { get; init; }

    /// <summary>Whether a response may still come.</summary>
    public bool IsPending { get; init; }

    /// <summary>The time since the last request, in whole milliseconds; null if there was none, or if the time is unknown.</summary>
    public TimeSpan? SinceAsked { get; init; }

    /// <summary>The length of the current payload in bytes; null if there is none, or if it changed during the read.</summary>
    public long? AnswerLength { get; init; }
}
