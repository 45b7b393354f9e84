using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>The names of the processes that use a channel.</summary>
internal sealed class PeerNames(ChannelName channel)
{
    private readonly Dictionary<int, string?> _names = [];

    /// <summary>The name of the peer's process; null if it cannot be read.</summary>
    public string? NameOf(PeerSnapshot peer)
    {
        if (peer is not { Liveness: PeerLiveness.Alive, ProcessId: { } process })
        {
            return null;
        }

        if (!_names.TryGetValue(process, out string? name))
        {
            _names[process] = name = Find(process);
        }

        return name;
    }

    /// <summary>An id from another container may belong to another process here. It is the peer's only if that process has the channel open.</summary>
    private string? Find(int process)
    {
        try
        {
            if (!SegmentReader.TryOpen(channel.ControlSegment, out SegmentReader? control))
            {
                return null;
            }

            // Its creator opened it before it had a name (O_TMPFILE).
            using (control)
            {
                string[] paths = [$"/dev/shm{channel.ControlSegment}", $"/dev/shm/#{control.GetStatus().Inode} (deleted)"];
                bool usesTheChannel = Directory.EnumerateFileSystemEntries($"/proc/{process}/fd")
                    .Any(descriptor => paths.Contains(File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName));
                return usesTheChannel ? File.ReadAllText($"/proc/{process}/comm").TrimEnd('\n') : null;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
