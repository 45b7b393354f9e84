namespace Chappe.Exchange;

/// <summary>
/// The name of a channel, and the names of the two semaphores and three segments it stands for.
/// </summary>
/// <remarks>
/// For the channel <c>ibis</c> these are <c>/SEM_ibis_REQ</c>, <c>/SEM_ibis_RES</c>, <c>/SEG_ibis_HEAD</c>, <c>/SEG_ibis_DATA</c> and
/// <c>/SEG_ibis_CTRL</c>. A <c>/</c> in the channel's name becomes <c>_</c>. Each can be given one by one, for a peer whose names follow another habit:
/// <code>new ChannelName("ibis") { HeaderSegment = "/ibis-header" }</code>
/// </remarks>
public sealed record ChannelName
{
    /// <summary>Derives the names of a channel's objects from its name.</summary>
    /// <param name="name">The channel's name: not empty, no NUL. Its length is limited by the file system (255 bytes with what is put around it).</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or holds a NUL.</exception>
    public ChannelName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('\0'))
        {
            throw new ArgumentException("A channel name cannot hold a NUL character.", nameof(name));
        }

        Name = name;
        string stem = name.Replace('/', '_');
        RequestSemaphore = $"/SEM_{stem}_REQ";
        ResponseSemaphore = $"/SEM_{stem}_RES";
        HeaderSegment = $"/SEG_{stem}_HEAD";
        DataSegment = $"/SEG_{stem}_DATA";
        ControlSegment = $"/SEG_{stem}_CTRL";
    }

    /// <summary>The channel's name as it was given.</summary>
    public string Name { get; }

    /// <summary>The semaphore that the requester posts when a request stands.</summary>
    public string RequestSemaphore { get; init; }

    /// <summary>The semaphore that the responder posts when the response stands.</summary>
    public string ResponseSemaphore { get; init; }

    /// <summary>The segment HEAD: four native-endian 64-bit words.</summary>
    public string HeaderSegment { get; init; }

    /// <summary>The segment DATA: the name of what is asked for, then the payload.</summary>
    public string DataSegment { get; init; }

    /// <summary>The segment CTRL of the extended level: one page that peers of the basic level never name.</summary>
    public string ControlSegment { get; init; }

    /// <summary>Makes the channel name of a string, as the constructor does.</summary>
    public static implicit operator ChannelName(string name) => new(name);

    /// <summary>Makes the channel name of a string, as the constructor does.</summary>
    public static ChannelName FromString(string name) => new(name);

    /// <summary>The channel's name.</summary>
    public override string ToString() => Name;
}
