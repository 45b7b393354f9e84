using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>The messages for exceptions that end one exchange or the whole run.</summary>
internal static class Failure
{
    public const string NotSaved = "not-saved";

    /// <summary>The message for an exception whose cause is a limit of this process, whatever the runtime made of it; null for any other exception.</summary>
    public static string? OfProcess(Exception exception) => exception switch
    {
        PosixException { Error: PosixError.TooManyOpenFiles or PosixError.TooLarge or PosixError.OutOfMemory } => exception.Message,
        IOException or OutOfMemoryException or TypeInitializationException or DllNotFoundException when ProcessLimits.AreOpenFilesUsedUp =>
            $"Too many open files: the limit of this process is {ProcessLimits.OpenFiles} (ulimit -n). Raise it, for example: ulimit -n 1024",
        _ => null,
    };

    /// <summary>The message for an exception that ends the run; null for any other exception.</summary>
    public static string? OfChannel(Exception exception, ChannelName channel) => OfProcess(exception) ?? exception switch
    {
        ChannelInUseException { ProcessId: { } process } =>
            $"Channel {channel} is in use by process {process}. End that process, or choose another channel with --channel. ({exception.Message})",
        ChannelInUseException =>
            $"Channel {channel} is in use. End its requester or choose another channel with --channel. If the requester is dead, replace its channel with chappe ask --takeover. ({exception.Message})",
        SharedObjectAccessException { OwnerUserId: { } owner } =>
            $"No permission to open channel {channel}: its objects in /dev/shm belong to user {owner}. If you trust that user, add --owner {owner}; "
                + $"otherwise choose another channel with --channel. ({exception.Message})",
        UnauthorizedAccessException => exception.Message,
        SharedMemoryFullException =>
            $"Channel {channel} cannot be opened: {exception.Message}",
        PlatformNotSupportedException => exception.Message,
        IOException =>
            $"Channel {channel} cannot be opened or went away: {exception.Message} Try again, or choose another channel with --channel.",
        _ => null,
    };

    /// <summary>The status and message for an exception that ends one exchange; null for any other exception.</summary>
    public static (string Status, string Message)? OfExchange(Exception exception) => exception switch
    {
        RequestFailedException failed => (StatusText.Of(failed.Status), failed.Message),
        TimeoutException => ("timeout", exception.Message),
        PeerLostException => ("peer-lost", exception.Message),
        ProtocolException => ("protocol-error", exception.Message),
        SharedMemoryFullException => (StatusText.Of(ResponseStatus.NoSpace), exception.Message),
        ArgumentException => (StatusText.Of(ResponseStatus.InvalidName), exception.Message),
        _ => null,
    };
}
