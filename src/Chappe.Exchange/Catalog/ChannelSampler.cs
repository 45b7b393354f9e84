using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Observes the exchanges of a channel, as often as every millisecond, without disturbing them.</summary>
/// <remarks>
/// Like <see cref="ChannelCatalog"/>, it opens objects for reading, maps nothing, and takes no lock and no token. It keeps CTRL and HEAD open, one page each,
/// but not DATA: an open descriptor would keep its memory allocated. Values may change during a read, so values that must be consistent are read twice.
/// </remarks>
internal sealed class ChannelSampler : IDisposable
{
    private readonly ChannelName _channel;
    private readonly SegmentReader _control;
    private SegmentReader? _header;
    private ulong _headerInode;

    private ChannelSampler(ChannelName channel, SegmentReader control)
    {
        _channel = channel;
        _control = control;
    }

    /// <summary>Whether the channel still exists under its name. If not, open a new sampler.</summary>
    public bool IsCurrent => _control.GetStatus().LinkCount > 0;

    /// <summary>Opens a channel for observation.</summary>
    /// <returns>False if there is no CTRL of a known version: the channel does not exist, or is of the basic level.</returns>
    /// <exception cref="UnauthorizedAccessException">This user has no permission to read the channel.</exception>
    /// <exception cref="IOException">The system reports an error.</exception>
    public static bool TryOpen(ChannelName channel, [NotNullWhen(true)] out ChannelSampler? sampler)
    {
        ArgumentNullException.ThrowIfNull(channel);
        sampler = null;
        if (!SegmentReader.TryOpen(channel.ControlSegment, out SegmentReader? control))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[ControlCopy.ReadLength];
        if (ControlCopy.Parse(bytes[..control.Read(0, bytes)], out _) is not null)
        {
            control.Dispose();
            return false;
        }

        sampler = new ChannelSampler(channel, control);
        return true;
    }

    /// <summary>Reads the current state.</summary>
    /// <exception cref="ObjectDisposedException">The sampler is disposed.</exception>
    public ChannelSample Sample()
    {
        ControlPage page = ReadControl();
        return new ChannelSample
        {
            LastTicket = page.Ticket != 0 ? page.Ticket : page.Pending,
            IsPending = page.Pending != 0 && page.Pending != page.Done,
            SinceAsked = ChannelObserver.Since(page.AskedAtMilliseconds),
            AnswerLength = MayBeAnswered(page) ? ReadAnswerLength(page) : null,
        };
    }

    /// <summary>Reads the name of a request that no responder has taken yet. The response overwrites the name.</summary>
    /// <returns>False if there is no such request, or if a responder took it during the read.</returns>
    /// <exception cref="ObjectDisposedException">The sampler is disposed.</exception>
    public bool TryReadName([NotNullWhen(true)] out string? name)
    {
        name = null;
        ControlPage page = ReadControl();
        if (!IsUntaken(page) || !TryReadHeader(page, out HeaderWords words) || !words.IsUntouchedRequest || words.Bytes is 0 or > Limits.NameLength)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[(int)words.Bytes];
        if (!TryReadData(page, bytes))
        {
            return false;
        }

        ControlPage after = ReadControl();
        if (after.Ticket != page.Ticket || !IsUntaken(after) || !TryReadHeader(after, out words) || !words.IsUntouchedRequest)
        {
            return false;
        }

        name = Encoding.UTF8.GetString(bytes);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _control.Dispose();
        _header?.Dispose();
    }

    private static bool IsUntaken(in ControlPage page) => page.Ticket != 0 && page.Taken != page.Ticket && page.Done != page.Ticket;

    /// <summary>A responder of the basic level does not write to CTRL: its requester withdraws the ticket when the response is complete.</summary>
    private static bool MayBeAnswered(in ControlPage page) =>
        page.AskedAtMilliseconds != 0 && (page.Ticket == 0 ? page.Pending == 0 : page.Done == page.Ticket);

    private long? ReadAnswerLength(in ControlPage page)
    {
        if (!TryReadHeader(page, out HeaderWords words) || words.IsUntouchedRequest || !words.TryToHeader(out ResponseHeader header))
        {
            return null;
        }

        ControlPage after = ReadControl();
        return after.Ticket == page.Ticket && after.Done == page.Done && after.Pending == page.Pending ? header.Length : null;
    }

    /// <summary>Reads only the cache lines that change with each exchange: the writer has to fetch each of them back.</summary>
    private ControlPage ReadControl()
    {
        ControlPage page = default;
        _control.Read(0, MemoryMarshal.AsBytes(new Span<ControlPage>(ref page))[..ControlPage.SampledLength]);
        return page;
    }

    private bool TryReadHeader(in ControlPage page, out HeaderWords words)
    {
        words = default;
        if (_header is null || _headerInode != page.HeaderInode)
        {
            _header?.Dispose();
            _header = TryOpen(_channel.HeaderSegment, page.HeaderInode);
            _headerInode = page.HeaderInode;
        }

        return _header?.Read(0, MemoryMarshal.AsBytes(new Span<HeaderWords>(ref words))) == HeaderWords.Size;
    }

    private bool TryReadData(in ControlPage page, Span<byte> destination)
    {
        using SegmentReader? data = TryOpen(_channel.DataSegment, page.DataInode);
        return data?.Read(0, destination) == destination.Length;
    }

    /// <summary>Returns null if the object under the name is not the one that CTRL names.</summary>
    private static SegmentReader? TryOpen(string name, ulong inode)
    {
        try
        {
            if (SegmentReader.TryOpen(name, out SegmentReader? reader))
            {
                if (reader.GetStatus().Inode == inode)
                {
                    return reader;
                }

                reader.Dispose();
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // An object that cannot be opened is treated as missing.
        }

        return null;
    }
}
