namespace Chappe.Exchange;

/// <summary>How a request ended.</summary>
public enum ResponseStatus
{
    /// <summary>The request succeeded.</summary>
    Ok = 0,

    /// <summary>There is nothing under this name.</summary>
    NotFound = 1,

    /// <summary>The name leads outside the served directory, or the responder has no permission to read the file.</summary>
    Forbidden = 2,

    /// <summary>More than one file has the name without its extension. The message lists the files.</summary>
    Ambiguous = 3,

    /// <summary>The name is empty, too long, not valid UTF-8, or otherwise invalid.</summary>
    InvalidName = 4,

    /// <summary>The payload exceeds a limit: the maximum of the channel, or the file size of the responder's process (<c>ulimit -f</c>).</summary>
    TooLarge = 5,

    /// <summary>/dev/shm does not have enough space for the payload.</summary>
    NoSpace = 6,

    /// <summary>The file exists but could not be read completely.</summary>
    Unreadable = 7,

    /// <summary>The responder does not support this kind of request for this name.</summary>
    Unsupported = 8,

    /// <summary>The request was cancelled before it was answered.</summary>
    Cancelled = 9,

    /// <summary>An unexpected error occurred in the responder.</summary>
    Internal = 10,
}
