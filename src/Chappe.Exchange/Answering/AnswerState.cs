namespace Chappe.Exchange;

/// <summary>The state of a responder's exchange.</summary>
internal enum AnswerState : byte
{
    /// <summary>No receive is in progress, and no request is being answered.</summary>
    Idle,

    /// <summary>A receive waits for a request.</summary>
    Receiving,

    /// <summary>A request was received and is not answered yet.</summary>
    InHand,

    /// <summary>A streamed answer is started: the requester has its header, and the payload follows.</summary>
    Started,

    /// <summary>The responder is disposed, and no exchange uses its memory.</summary>
    Retired,
}
