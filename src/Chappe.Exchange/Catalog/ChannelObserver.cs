using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Takes a snapshot of a channel without disturbing it.</summary>
internal static class ChannelObserver
{
    internal static ChannelSnapshot? Look(ChannelName channel)
    {
        List<ChannelObject> objects = ChannelFiles.Objects(channel);
        if (objects.Count == 0)
        {
            return null;
        }

        var snapshot = new ChannelSnapshot { Channel = channel, Level = LevelWithoutControl(objects), Objects = objects };
        return objects.Find(item => item.Role == ChannelObjectRole.ControlSegment) is { } control ? WithControl(snapshot, control) : snapshot;
    }

    private static ChannelLevel LevelWithoutControl(List<ChannelObject> objects) =>
        objects.Exists(item => item.Role == ChannelObjectRole.HeaderSegment) && objects.Exists(item => item.Role == ChannelObjectRole.DataSegment)
            ? ChannelLevel.Basic
            : ChannelLevel.Pieces;

    private static ChannelSnapshot WithControl(ChannelSnapshot snapshot, ChannelObject control)
    {
        try
        {
            if (!SegmentReader.TryOpen(control.Name, out SegmentReader? reader))
            {
                return snapshot;
            }

            using (reader)
            {
                Span<byte> bytes = stackalloc byte[ControlCopy.ReadLength];
                return ControlCopy.Parse(bytes[..reader.Read(0, bytes)], out ControlPage page) is { } remark
                    ? snapshot with { Remark = remark }
                    : Describe(snapshot, page, reader.IsLocked(ControlSegment.RequesterByte), reader.IsLocked(ControlSegment.ResponderByte));
            }
        }
        catch (UnauthorizedAccessException)
        {
            return snapshot with { Level = ChannelLevel.Extended, Remark = $"CTRL belongs to user {control.OwnerUserId}, and this user has no permission to read it." };
        }
        catch (IOException exception)
        {
            return snapshot with { Remark = exception.Message };
        }
    }

    private static ChannelSnapshot Describe(ChannelSnapshot snapshot, in ControlPage page, bool requesterIsAlive, bool responderIsAlive) => snapshot with
    {
        Level = ChannelLevel.Extended,
        Requester = Peer(requesterIsAlive, page.RequesterProcessId),
        Responder = Peer(responderIsAlive, page.ResponderProcessId),
        Generation = (long)page.Generation,
        SinceLastRequest = Since(page.AskedAtMilliseconds),
        IsRequestPending = page.Pending != 0 && page.Pending != page.Done,
        Remark = Strangers(snapshot, page),
    };

    private static PeerSnapshot Peer(bool isAlive, uint processId) => new(
        isAlive ? PeerLiveness.Alive : processId == 0 ? PeerLiveness.None : PeerLiveness.Gone,
        processId == 0 ? null : (int)processId);

    /// <summary>Returns null for a time in the future: the clock of another time namespace has another origin (time_namespaces(7)).</summary>
    internal static TimeSpan? Since(ulong milliseconds)
    {
        ulong now = (ulong)Environment.TickCount64;
        return milliseconds == 0 || milliseconds > now ? null : TimeSpan.FromMilliseconds(now - milliseconds);
    }

    private static string? Strangers(ChannelSnapshot snapshot, ControlPage page)
    {
        string[] strangers = [.. snapshot.Objects.Where(item => !ChannelRemover.IsNamedBy(page, item)).Select(item => item.Name)];
        return strangers.Length == 0 || page.State == ChannelState.Building ? null : $"CTRL does not name these objects: {string.Join(", ", strangers)}.";
    }
}
