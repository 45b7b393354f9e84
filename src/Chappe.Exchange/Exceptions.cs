namespace Chappe.Exchange;

/// <summary>The responder could not fulfil the request. <see cref="Status"/> has the reason.</summary>
/// <remarks>A handler throws this exception to respond with a status other than <see cref="ResponseStatus.Ok"/>.</remarks>
public class RequestFailedException : IOException
{
    /// <summary>Creates the exception with a status and a message.</summary>
    public RequestFailedException(ResponseStatus status, string message)
        : base(message) => Status = status;

    /// <summary>Creates the exception with a status, a message and its cause.</summary>
    public RequestFailedException(ResponseStatus status, string message, Exception? innerException)
        : base(message, innerException) => Status = status;

    /// <summary>How the request ended.</summary>
    public ResponseStatus Status { get; }
}

/// <summary>The channel is in use by another requester, or its objects may be.</summary>
public class ChannelInUseException : IOException
{
    /// <summary>Creates the exception with a message.</summary>
    public ChannelInUseException(string message, int? processId = null)
        : base(message) => ProcessId = processId;

    /// <summary>The id of the process that owns the channel, in its own PID namespace; null if it is unknown.</summary>
    public int? ProcessId { get; }
}

/// <summary>The peer is gone: its process ended, or it closed the channel.</summary>
public class PeerLostException : IOException
{
    /// <summary>Creates the exception with a message.</summary>
    public PeerLostException(string message)
        : base(message)
    {
    }
}

/// <summary>The peer violated the protocol.</summary>
public class ProtocolException : IOException
{
    /// <summary>Creates the exception with a message.</summary>
    public ProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public ProtocolException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The payload has another element type or memory layout than the caller requires.</summary>
public class PayloadException : IOException
{
    /// <summary>Creates the exception with a message.</summary>
    public PayloadException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public PayloadException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
