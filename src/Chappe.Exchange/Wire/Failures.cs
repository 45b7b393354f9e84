using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Converts the exception of a handler to a status and a message for the requester. The message of an unknown exception is not sent, since it may contain private paths.</summary>
internal static class Failures
{
    internal static (ResponseStatus Status, string Message) Describe(Exception exception) => exception switch
    {
        RequestFailedException failed => (failed.Status, failed.Message),
        SharedMemoryFullException full => (ResponseStatus.NoSpace, full.Message),
        PosixException { Error: PosixError.TooLarge } limited => (ResponseStatus.TooLarge, limited.Message),
        InsufficientMemoryException memory => (ResponseStatus.NoSpace, memory.Message),
        _ => (ResponseStatus.Internal, $"The responder failed with {exception.GetType().Name}."),
    };
}
