using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Finds the objects of channels in /dev/shm.</summary>
internal static class ChannelFiles
{
    private static readonly string[] SemaphoreEnds = ["_REQ", "_RES"];
    private static readonly string[] SegmentEnds = ["_HEAD", "_DATA", "_CTRL"];

    /// <summary>The channels of which at least one object exists.</summary>
    internal static IEnumerable<string> Names() =>
        Stems(SharedObjectNames.Semaphores(), "/SEM_", SemaphoreEnds)
            .Concat(Stems(SharedObjectNames.Segments(), "/SEG_", SegmentEnds))
            .Distinct(StringComparer.Ordinal);

    /// <summary>Those of a channel's five objects that exist, with what stat reports of them.</summary>
    internal static List<ChannelObject> Objects(ChannelName channel)
    {
        var objects = new List<ChannelObject>(5);
        foreach (ChannelObjectRole role in Enum.GetValues<ChannelObjectRole>())
        {
            string name = NameOf(channel, role);
            if (TryGetStatus(role, name, out FileStatus status))
            {
                objects.Add(new ChannelObject
                {
                    Role = role,
                    Name = name,
                    IsRegularFile = status.IsRegularFile,
                    Length = status.Length,
                    AllocatedLength = status.AllocatedLength,
                    OwnerUserId = status.OwnerUserId,
                    GroupId = status.GroupId,
                    Mode = status.Mode,
                    Inode = status.Inode,
                    Count = IsSemaphore(role) && NamedSemaphore.TryReadCount(name, out int count) ? count : null,
                });
            }
        }

        return objects;
    }

    internal static bool Delete(ChannelObject item) =>
        IsSemaphore(item.Role) ? NamedSemaphore.Delete(item.Name) : SharedMemory.Delete(item.Name);

    private static bool IsSemaphore(ChannelObjectRole role) => role is ChannelObjectRole.RequestSemaphore or ChannelObjectRole.ResponseSemaphore;

    private static bool TryGetStatus(ChannelObjectRole role, string name, out FileStatus status)
    {
        try
        {
            return IsSemaphore(role) ? NamedSemaphore.TryGetStatus(name, out status) : SharedMemory.TryGetStatus(name, out status);
        }
        catch (ArgumentException)
        {
            // The names of one channel differ in length. A name that is too long for the file system has no object.
            status = default;
            return false;
        }
    }

    private static string NameOf(ChannelName channel, ChannelObjectRole role) => role switch
    {
        ChannelObjectRole.RequestSemaphore => channel.RequestSemaphore,
        ChannelObjectRole.ResponseSemaphore => channel.ResponseSemaphore,
        ChannelObjectRole.HeaderSegment => channel.HeaderSegment,
        ChannelObjectRole.DataSegment => channel.DataSegment,
        _ => channel.ControlSegment,
    };

    private static IEnumerable<string> Stems(IEnumerable<string> names, string start, string[] ends) =>
        from name in names
        where name.StartsWith(start, StringComparison.Ordinal)
        from end in ends
        where name.EndsWith(end, StringComparison.Ordinal) && name.Length > start.Length + end.Length
        select name[start.Length..^end.Length];
}
