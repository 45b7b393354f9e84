using System.Diagnostics.CodeAnalysis;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>An open control segment (CTRL): its page, its two locks, and the link from its name.</summary>
internal sealed unsafe class ControlSegment : IDisposable
{
    internal const long RequesterByte = 0;
    internal const long ResponderByte = 1;

    private readonly SharedMemory _segment;
    private readonly string _name;
    private readonly ControlPage* _page;

    private ControlSegment(SharedMemory segment, string name)
    {
        _segment = segment;
        _name = name;
        _page = (ControlPage*)segment.GetPointer(0, ControlPage.Length);
        Inode = segment.GetStatus().Inode;
    }

    internal ulong Inode { get; }

    internal ref ControlPage Page => ref *_page;

    internal bool IsRequesterAlive => _segment.IsLocked(RequesterByte);

    internal bool IsResponderAlive => _segment.IsLocked(ResponderByte);

    /// <summary>Whether the responder that took the last ticket is alive. Another responder may hold the lock by then; it has another incarnation.</summary>
    internal bool IsTakerAlive => IsResponderAlive && Volatile.Read(ref Page.Taker) == Volatile.Read(ref Page.Incarnation);

    /// <summary>The process id of the responder that took the last ticket; 0 if another responder has overwritten it.</summary>
    internal uint TakerProcessId
    {
        get
        {
            uint processId = Volatile.Read(ref Page.ResponderProcessId);
            return Volatile.Read(ref Page.Taker) == Volatile.Read(ref Page.Incarnation) ? processId : 0;
        }
    }

    /// <summary>The process id as a part of a message; empty if it is unknown.</summary>
    internal static string WithProcessId(uint processId) => processId == 0 ? "" : $" with process id {processId}";

    /// <summary>False once the owner has closed the channel, or the name was unlinked.</summary>
    internal bool IsOpen => Volatile.Read(ref Page.State) != ChannelState.Closed && _segment.GetStatus().LinkCount > 0;

    /// <summary>Whether the segment's name still leads to this segment.</summary>
    internal bool IsStillNamed => SharedMemory.TryGetStatus(_name, out FileStatus status) && status.Inode == Inode;

    internal static SharedMemoryOptions OpenOptions(SharedObjectOptions access) =>
        new() { Mode = access.Mode, GroupId = access.GroupId, AllowedOwners = access.AllowedOwners, MaxLength = ControlPage.Length };

    /// <summary>Creates a control segment that has no name until <see cref="Publish"/>, so no other process can see it.</summary>
    internal static ControlSegment CreateUnnamed(string name, SharedObjectOptions access)
    {
        SharedMemory segment = SharedMemory.CreateUnnamed(name, ControlPage.Length, OpenOptions(access));
        var control = new ControlSegment(segment, name);
        ref ControlPage page = ref control.Page;
        page.Magic = ControlPage.ExpectedMagic;
        page.Version = ControlPage.SupportedVersion;
        page.PageLength = ControlPage.Length;
        page.State = ChannelState.Building;
        page.RequesterProcessId = (uint)Environment.ProcessId;
        return control;
    }

    /// <summary>Opens the control segment with a name.</summary>
    /// <returns>False if it does not exist.</returns>
    /// <exception cref="ProtocolException">The object is not a control segment, or has an unsupported protocol version.</exception>
    internal static bool TryOpen(string name, SharedObjectOptions access, [NotNullWhen(true)] out ControlSegment? control)
    {
        control = null;
        if (!SharedMemory.TryOpenExisting(name, out SharedMemory? segment, OpenOptions(access)))
        {
            return false;
        }

        try
        {
            FileStatus status = segment.GetStatus();
            if (status.Length != ControlPage.Length || segment.KnownLength < ControlPage.Length)
            {
                throw new ProtocolException(
                    $"'{name}' is {status.Length:N0} bytes long; the control segment of a channel is {ControlPage.Length:N0}. If it is not in use, remove it.");
            }

            control = new ControlSegment(segment, name);
            control.CheckVersion();
            return true;
        }
        catch
        {
            segment.Dispose();
            throw;
        }
    }

    /// <summary>Links the segment to its name.</summary>
    /// <exception cref="PosixException">The name already exists (<see cref="PosixError.AlreadyExists"/>).</exception>
    internal void Publish() => _segment.Publish(_name);

    internal SegmentLock? TryLockAsRequester() => _segment.TryLock(RequesterByte);

    internal SegmentLock? TryLockAsResponder() => _segment.TryLock(ResponderByte);

    public void Dispose() => _segment.Dispose();

    private void CheckVersion()
    {
        if (Page.Magic != ControlPage.ExpectedMagic)
        {
            throw new ProtocolException($"'{_name}' is not the control segment of a channel. If it is not in use, remove it.");
        }

        if (Page.Version != ControlPage.SupportedVersion || Page.PageLength != ControlPage.Length)
        {
            throw new ProtocolException(
                $"'{_name}' has protocol version {Page.Version}; this program supports version {ControlPage.SupportedVersion}. Update the older of the two programs.");
        }
    }
}
