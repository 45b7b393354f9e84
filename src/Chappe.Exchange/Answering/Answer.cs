using System.Text;

namespace Chappe.Exchange;

/// <summary>What a responder writes beside the payload of an answer.</summary>
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

    /// <summary>Refuses, where it can be mended, what the requester could only call a violation of the protocol.</summary>
    /// <param name="room">The bytes that the handler asked for.</param>
    /// <exception cref="ArgumentException">The answer cannot be sent.</exception>
    internal void Check(long room) => Check(Header, Kind, MediaType, Description, room);

    private static void Check(in ResponseHeader header, PayloadKind kind, string? mediaType, in PayloadDescription description, long room)
    {
        if (header is { Length: < 0 } or { Width: < 0 } or { Height: < 0 } or { Channels: < 0 })
        {
            throw new ArgumentException($"A header holds no negative numbers; this one is {header}.", nameof(header));
        }

        if (header.Length > room)
        {
            throw new ArgumentException(
                $"{header.Length:N0} bytes cannot be sent, since room was made for {room:N0}: call GetSpan or GetPointer with the payload's length first.", nameof(header));
        }

        if (kind is <= PayloadKind.None or >= PayloadKind.Error)
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "A payload is a file, pixels, a list or bytes.");
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
