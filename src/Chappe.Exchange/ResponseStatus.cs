namespace Chappe.Exchange;

/// <summary>How a request ended, as the responder says it.</summary>
public enum ResponseStatus
{
    /// <summary>The payload stands.</summary>
    Ok = 0,

    /// <summary>There is nothing of that name.</summary>
    NotFound = 1,

    /// <summary>The name leads out of what is served, or the responder may not read it.</summary>
    Forbidden = 2,

    /// <summary>More than one file has that stem; the message names them.</summary>
    Ambiguous = 3,

    /// <summary>The name is empty, too long, not valid UTF-8 or otherwise no name.</summary>
    InvalidName = 4,

    /// <summary>The payload is larger than the channel's maximum, or than the responder's process may make a file (<c>ulimit -f</c>).</summary>
    TooLarge = 5,

    /// <summary>/dev/shm has no room for the payload.</summary>
    NoSpace = 6,

    /// <summary>The file is there but could not be read whole.</summary>
    Unreadable = 7,

    /// <summary>The responder cannot give what was asked for in this way.</summary>
    Unsupported = 8,

    /// <summary>The request was withdrawn before it was answered.</summary>
    Cancelled = 9,

    /// <summary>The responder failed in a way it did not foresee.</summary>
    Internal = 10,
}
