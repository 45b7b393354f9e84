namespace Chappe.Exchange;

/// <summary>Which of a channel's five objects.</summary>
public enum ChannelObjectRole
{
    /// <summary>The semaphore REQ.</summary>
    RequestSemaphore,

    /// <summary>The semaphore RES.</summary>
    ResponseSemaphore,

    /// <summary>The segment HEAD.</summary>
    HeaderSegment,

    /// <summary>The segment DATA.</summary>
    DataSegment,

    /// <summary>The segment CTRL.</summary>
    ControlSegment,
}

/// <summary>One of a channel's objects as it was found.</summary>
public sealed record ChannelObject
{
    /// <summary>Which one.</summary>
    public required ChannelObjectRole Role { get; init; }

    /// <summary>Its name, with the leading slash.</summary>
    public required string Name { get; init; }

    /// <summary>False if what stands there is a directory, a link, a FIFO: none of ours.</summary>
    public required bool IsRegularFile { get; init; }

    /// <summary>The length in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>The bytes that have memory behind them.</summary>
    public required long AllocatedLength { get; init; }

    /// <summary>The user id of its owner.</summary>
    public required long OwnerUserId { get; init; }

    /// <summary>Its group id.</summary>
    public required long GroupId { get; init; }

    /// <summary>Its permissions.</summary>
    public required UnixFileMode Mode { get; init; }

    /// <summary>A semaphore's count; null for a segment, and where it cannot be read.</summary>
    public int? Count { get; init; }

    internal ulong Inode { get; init; }
}
