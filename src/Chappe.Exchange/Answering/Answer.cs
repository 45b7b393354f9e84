using System.Text;

namespace Chappe.Exchange;

/// <summary>The answer of a responder without its payload.</summary>
internal readonly ref struct Answer(in ResponseHeader header, PayloadKind kind, string? mediaType, ref readonly PayloadDescription description)
{
    private static readonly PayloadDescription NoDescription = new() { ElementType = ElementType.None };

    internal readonly ResponseHeader Header = header;
    internal readonly PayloadKind Kind = kind;
    internal readonly string? MediaType = mediaType;
    internal readonly ref readonly PayloadDescription Description = ref description;

    internal Answer(in ResponseHeader header, PayloadKind kind, string? mediaType)
        : this(header, kind, mediaType, in NoDescription)
    {
    }

    /// <summary>Validates the answer in the process that can correct it. The requester could only report a violation of the protocol.</summary>
    /// <param name="room">The number of bytes that the handler reserved.</param>
    /// <exception cref="ArgumentException">The answer cannot be sent.</exception>
    internal void Check(long room) => Check(Header, Kind, MediaType, Description, room);

    private static void Check(in ResponseHeader header, PayloadKind kind, string? mediaType, in PayloadDescription description, long room)
    {
        if (header is { Length: < 0 } or { Width: < 0 } or { Height: < 0 } or { Channels: < 0 })
        {
            throw new ArgumentException($"The numbers of a header are 0 or more; this header is {header}.", nameof(header));
        }

        if (header.Length > room)
        {
            throw new ArgumentException(
                $"The payload of {header.Length:N0} bytes is longer than the {room:N0} bytes reserved for it: call GetSpan or GetPointer with the payload's length first.", nameof(header));
        }

        if (kind is <= PayloadKind.None or >= PayloadKind.Error)
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "The kind of a payload is File, Pixels, List or Bytes.");
        }

        if (mediaType is not null && (mediaType.Length > ControlPage.MediaTypeCapacity || !Ascii.IsValid(mediaType)))
        {
            throw new ArgumentException($"A media type has at most {ControlPage.MediaTypeCapacity} ASCII characters; this one is '{mediaType}'.", nameof(mediaType));
        }

        if (description.Rank is < 0 or > PayloadDescription.MaxRank)
        {
            throw new ArgumentException($"A description has 0 to {PayloadDescription.MaxRank} dimensions; this one has {description.Rank}.", nameof(description));
        }

        if (!DescriptionLines.Fits(description, header.Length))
        {
            throw new ArgumentException($"The description reaches beyond the {header.Length:N0} bytes of the payload.", nameof(description));
        }
    }
}
