using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>What a responder says to its requester when answering went wrong. No path outside what is served crosses.</summary>
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
