namespace Chappe.Exchange;

/// <summary>The level of the protocol that both sides used in one exchange. It is detected in each exchange and cannot be set.</summary>
public enum ExchangeLevel
{
    /// <summary>Two semaphores and the segments HEAD and DATA. The peer does not use CTRL.</summary>
    Basic,

    /// <summary>The basic level and the segment CTRL: statuses, media types, descriptions and liveness.</summary>
    Extended,
}
