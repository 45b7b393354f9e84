namespace Chappe.Exchange;

/// <summary>
/// The name of a channel, and the names of its two semaphores and three segments.
/// </summary>
/// <remarks>
/// For the channel <c>ibis</c> these are <c>/SEM_ibis_REQ</c>, <c>/SEM_ibis_RES</c>, <c>/SEG_ibis_HEAD</c>, <c>/SEG_ibis_DATA</c> and
/// <c>/SEG_ibis_CTRL</c>. A <c>/</c> in the channel's name becomes <c>_</c>. Each name can be set individually, for a peer with other conventions:
/// <code>new ChannelName("ibis") { HeaderSegment = "/ibis-header" }</code>
/// </remarks>
public sealed record ChannelName
{
    /// <summary>Derives the names of a channel's objects from its name.</summary>
    /// <param name="name">The channel's name: not empty, without NUL. The longest object name derived from it must fit into 255 bytes of UTF-8.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or contains a NUL character.</exception>
    public ChannelName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('\0'))
        {
            throw new ArgumentException("A channel name cannot contain a NUL character.", nameof(name));
        }

        Name = name;
        string stem = name.Replace('/', '_');
        RequestSemaphore = $"/SEM_{stem}_REQ";
        ResponseSemaphore = $"/SEM_{stem}_RES";
        HeaderSegment = $"/SEG_{stem}_HEAD";
        DataSegment = $"/SEG_{stem}_DATA";
        ControlSegment = $"/SEG_{stem}_CTRL";
    }

    /// <summary>The channel's name, as passed to the constructor.</summary>
    public string Name { get; }

    /// <summary>The semaphore that the requester posts when a request is ready.</summary>
    public string RequestSemaphore { get; init; }

    /// <summary>The semaphore that the responder posts when the response is ready.</summary>
    public string ResponseSemaphore { get; init; }

    /// <summary>The segment HEAD: four native-endian 64-bit words.</summary>
    public string HeaderSegment { get; init; }

    /// <summary>The segment DATA: the name in the request, then the payload of the response.</summary>
    public string DataSegment { get; init; }

    /// <summary>The segment CTRL of the extended level. Peers of the basic level do not use it.</summary>
    public string ControlSegment { get; init; }

    /// <summary>Creates a channel name from a string, as the constructor does.</summary>
    public static implicit operator ChannelName(string name) => new(name);

    /// <summary>Creates a channel name from a string, as the constructor does.</summary>
    public static ChannelName FromString(string name) => new(name);

    /// <summary>The channel's name.</summary>
    public override string ToString() => Name;
}
