namespace Chappe.Exchange;

/// <summary>Why a responder looks for a request.</summary>
internal enum Wake
{
    /// <summary>A receive begins.</summary>
    Start,

    /// <summary>The ticket in CTRL has changed.</summary>
    Ticket,

    /// <summary>A post of REQ was taken.</summary>
    Post,

    /// <summary>No post came for a while.</summary>
    Silence,
}
