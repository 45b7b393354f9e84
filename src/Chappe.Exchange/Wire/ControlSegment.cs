using System.Diagnostics.CodeAnalysis;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The segment CTRL, opened: its page, its two locks, and whether it still is what its name says.</summary>
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

    /// <summary>Whether the responder that took the last ticket still is there. Another may have the lock by now: it has another incarnation.</summary>
    internal bool IsTakerAlive => IsResponderAlive && Volatile.Read(ref Page.Taker) == Volatile.Read(ref Page.Incarnation);

    /// <summary>The process of the responder that took the last ticket; 0 if another has written its own meanwhile.</summary>
    internal uint TakerProcessId
    {
        get
        {
            uint processId = Volatile.Read(ref Page.ResponderProcessId);
            return Volatile.Read(ref Page.Taker) == Volatile.Read(ref Page.Incarnation) ? processId : 0;
        }
    }

    /// <summary>For a message; nothing if the process is not known.</summary>
    internal static string WithProcessId(uint processId) => processId == 0 ? "" : $" with process id {processId}";

    /// <summary>False once its owner has closed the channel, or the name was unlinked.</summary>
    internal bool IsOpen => Volatile.Read(ref Page.State) != ChannelState.Closed && _segment.GetStatus().LinkCount > 0;

    /// <summary>Whether the channel's name leads to this very segment.</summary>
    internal bool IsStillNamed => SharedMemory.TryGetStatus(_name, out FileStatus status) && status.Inode == Inode;

    internal static SharedMemoryOptions OpenOptions(SharedObjectOptions access) =>
        new() { Mode = access.Mode, GroupId = access.GroupId, AllowedOwners = access.AllowedOwners, MaxLength = ControlPage.Length };

    /// <summary>Makes a page that nobody sees yet: see <see cref="Publish"/>.</summary>
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

    /// <summary>Opens the page that stands under a name; false if there is none.</summary>
    /// <exception cref="ProtocolException">What stands there is no CTRL, or of a version that this library does not know.</exception>
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

    /// <summary>Gives the page its name.</summary>
    /// <exception cref="PosixException">Another has it: <see cref="PosixError.AlreadyExists"/>.</exception>
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
                $"The channel's other side speaks version {Page.Version} of the protocol, this one version {ControlPage.SupportedVersion}. Update the older of the two.");
        }
    }
}
