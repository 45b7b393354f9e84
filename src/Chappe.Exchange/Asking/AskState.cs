namespace Chappe.Exchange;

/// <summary>The state of a requester's exchange.</summary>
internal enum AskState : byte
{
    /// <summary>No request is in progress.</summary>
    Idle,

    /// <summary>A request has begun. It is posted once no answer is outstanding. A request for the list also waits for a responder of the extended level.</summary>
    WaitingToAsk,

    /// <summary>The request is posted.</summary>
    Asked,

    /// <summary>The response is complete, and in use.</summary>
    Answered,

    /// <summary>The response is in use while the responder writes the rest of its payload.</summary>
    Streaming,

    /// <summary>The response is disposed. The channel is about to be released.</summary>
    Ending,

    /// <summary>The channel moves to a new home. No request is in progress.</summary>
    Resetting,

    /// <summary>The requester is disposed, and no exchange uses its memory.</summary>
    Retired,
}
