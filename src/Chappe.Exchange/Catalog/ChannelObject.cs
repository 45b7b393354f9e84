namespace Chappe.Exchange;

/// <summary>The role of one of a channel's five objects.</summary>
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

/// <summary>One of a channel's objects, at the time of the snapshot.</summary>
public sealed record ChannelObject
{
    /// <summary>The role of the object.</summary>
    public required ChannelObjectRole Role { get; init; }

    /// <summary>The name, with the leading slash.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the object is a regular file. A directory, a link or a FIFO under this name does not belong to a channel.</summary>
    public required bool IsRegularFile { get; init; }

    /// <summary>The length in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>The number of bytes that have memory allocated.</summary>
    public required long AllocatedLength { get; init; }

    /// <summary>The owner's user id.</summary>
    public required long OwnerUserId { get; init; }

    /// <summary>The group id.</summary>
    public required long GroupId { get; init; }

    /// <summary>The permissions.</summary>
    public required UnixFileMode Mode { get; init; }

    /// <summary>The value of a semaphore; null for a segment, or if the value cannot be read.</summary>
    public int? Count { get; init; }

    internal ulong Inode { get; init; }
}
