namespace Chappe.Exchange;

/// <summary>What the two sides of one exchange spoke. It is a fact found out for each exchange, never a setting.</summary>
public enum ExchangeLevel
{
    /// <summary>Two semaphores and the segments HEAD and DATA only: a peer that knows nothing of CTRL.</summary>
    Basic,

    /// <summary>CTRL as well: tickets, statuses, media types, liveness.</summary>
    Extended,
}
