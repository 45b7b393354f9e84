namespace Chappe.Exchange;

/// <summary>The responder answered that it cannot give what was asked for; <see cref="Status"/> says why.</summary>
/// <remarks>A handler throws it to answer a request with a status other than <see cref="ResponseStatus.Ok"/>.</remarks>
public class RequestFailedException : IOException
{
    /// <summary>Makes the exception for a status.</summary>
    public RequestFailedException(ResponseStatus status, string message)
        : base(message) => Status = status;

    /// <summary>Makes the exception for a status, with what caused it.</summary>
    public RequestFailedException(ResponseStatus status, string message, Exception? innerException)
        : base(message, innerException) => Status = status;

    /// <summary>How the request ended.</summary>
    public ResponseStatus Status { get; }
}

/// <summary>The channel belongs to somebody else: a living requester, or objects whose owner cannot be known.</summary>
public class ChannelInUseException : IOException
{
    /// <summary>Makes the exception.</summary>
    public ChannelInUseException(string message, int? processId = null)
        : base(message) => ProcessId = processId;

    /// <summary>The process that owns the channel, as it said itself; null where it cannot be known.</summary>
    public int? ProcessId { get; }
}

/// <summary>The other side is gone: its process ended, or it closed the channel.</summary>
public class PeerLostException : IOException
{
    /// <summary>Makes the exception.</summary>
    public PeerLostException(string message)
        : base(message)
    {
    }
}

/// <summary>The other side wrote something that the protocol does not allow.</summary>
public class ProtocolException : IOException
{
    /// <summary>Makes the exception.</summary>
    public ProtocolException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception, with what caused it.</summary>
    public ProtocolException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The payload is not what the reader takes it for: of another element type, or laid out in a way that the reader's type cannot express.</summary>
public class PayloadException : IOException
{
    /// <summary>Makes the exception.</summary>
    public PayloadException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception, with what caused it.</summary>
    public PayloadException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
