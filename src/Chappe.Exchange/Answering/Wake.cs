namespace Chappe.Exchange;

/// <summary>The reason for which a responder checks for a request.</summary>
internal enum Wake
{
    /// <summary>A receive begins.</summary>
    Start,

    /// <summary>The ticket in CTRL has changed.</summary>
    Ticket,

    /// <summary>A post of REQ was taken.</summary>
    Post,

    /// <summary>No post came within <see cref="Limits.CheckInterval"/>.</summary>
    Silence,
}
