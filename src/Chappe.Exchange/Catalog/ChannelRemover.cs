using System.Runtime.InteropServices;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>Removes a channel: see <see cref="ChannelCatalog.Remove"/>.</summary>
internal sealed class ChannelRemover(ChannelName channel, bool force)
{
    /// <summary>How long to wait for a requester that is just closing.</summary>
    private static readonly TimeSpan ClosingPatience = TimeSpan.FromSeconds(2);

    private readonly List<string> _removed = [];

    internal ChannelRemoval Run()
    {
        Deadline patience = Deadline.After(ClosingPatience);
        while (!TryRemove(patience))
        {
            // A requester came or went while this looked.
            Thread.Sleep(1);
        }

        return new ChannelRemoval(channel, _removed, [.. ChannelFiles.Objects(channel).Select(item => item.Name)]);
    }

    /// <summary>Whether CTRL says that this object is its channel's.</summary>
    internal static bool IsNamedBy(in ControlPage page, ChannelObject item) => item.Inode == item.Role switch
    {
        ChannelObjectRole.RequestSemaphore => page.RequestsInode,
        ChannelObjectRole.ResponseSemaphore => page.ResponsesInode,
        ChannelObjectRole.HeaderSegment => page.HeaderInode,
        ChannelObjectRole.DataSegment => page.DataInode,
        _ => item.Inode,
    };

    private bool TryRemove(Deadline patience)
    {
        List<ChannelObject> objects = ChannelFiles.Objects(channel);
        string problem = "Without CTRL nobody can tell whether a program of the basic level uses them.";
        if (objects.Find(item => item.Role == ChannelObjectRole.ControlSegment) is { IsRegularFile: true } control)
        {
            // Whose it is does not matter: it is read and written by system calls only, and the kernel says whether it may be deleted.
            var options = new SharedMemoryOptions { MaxLength = ControlPage.Length, AllowedOwners = [control.OwnerUserId] };
            if (!SharedMemory.TryOpenExisting(control.Name, out SharedMemory? segment, options))
            {
                return false;
            }

            using (segment)
            {
                if (Read(segment, out ControlPage page) is not { } whyNot)
                {
                    return TryRemove(segment, page, patience);
                }

                problem = whyNot;
            }
        }

        if (objects.Count > 0 && !force)
        {
            throw new ChannelInUseException($"The objects of the channel '{channel}' cannot be known to be dead. {problem} If nothing uses them, force the removal.");
        }

        Delete(objects);
        return true;
    }

    private bool TryRemove(SharedMemory segment, ControlPage page, Deadline patience)
    {
        using SegmentLock? requesterLock = segment.TryLock(ControlSegment.RequesterByte);
        if (requesterLock is null)
        {
            if (page.State == ChannelState.Closed && !patience.HasPassed)
            {
                return false;
            }

            if (!force)
            {
                int processId = (int)page.RequesterProcessId;
                throw new ChannelInUseException($"The channel '{channel}' has a living requester with process id {processId}.", processId);
            }
        }

        // The departing owner unlinked it before it let go of the lock, and another may have made the next.
        List<ChannelObject> objects = ChannelFiles.Objects(channel);
        ulong inode = segment.GetStatus().Inode;
        if (!objects.Exists(item => item.Role == ChannelObjectRole.ControlSegment && item.Inode == inode))
        {
            return false;
        }

        // Once more: its last owner may have written inodes since the first look.
        _ = Read(segment, out page);
        List<ChannelObject> own = objects.FindAll(item => force || IsNamedBy(page, item));
        CheckOwners(own);
        if (requesterLock is not null)
        {
            SayClosed(segment);
        }

        // CTRL comes last: until it is gone, nobody takes what stands for a requester of the basic level.
        Delete(own);
        return true;
    }

    private static string? Read(SharedMemory segment, out ControlPage page)
    {
        Span<byte> bytes = stackalloc byte[ControlCopy.ReadLength];
        return ControlCopy.Parse(bytes[..segment.Read(0, bytes)], out page);
    }

    /// <summary>So that a requester that begins now waits for the end instead of being refused.</summary>
    private static void SayClosed(SharedMemory segment)
    {
        uint closed = ChannelState.Closed;
        segment.Write(ControlPage.StateOffset, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in closed)));
    }

    private void Delete(List<ChannelObject> objects)
    {
        CheckOwners(objects);
        foreach (ChannelObject item in objects)
        {
            if (ChannelFiles.Delete(item))
            {
                _removed.Add(item.Name);
            }
        }
    }

    /// <summary>All or nothing: /dev/shm is sticky, so the kernel would refuse the first that is another's, after some that are not.</summary>
    private static void CheckOwners(List<ChannelObject> objects)
    {
        const long Root = 0;
        long user = Accounts.CurrentUserId;
        if (user != Root && objects.Find(item => item.OwnerUserId != user) is { } foreign)
        {
            throw new SharedObjectAccessException(
                $"'{foreign.Name}' belongs to user {foreign.OwnerUserId}, not to this one ({user}): only that user and root may remove it. Nothing was removed.",
                foreign.Name,
                foreign.OwnerUserId);
        }
    }
}
