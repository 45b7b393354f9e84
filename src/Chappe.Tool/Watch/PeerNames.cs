using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>The names of the processes at a channel.</summary>
internal sealed class PeerNames(ChannelName channel)
{
    private readonly Dictionary<int, string?> _names = [];

    /// <summary>Null where it cannot be known.</summary>
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

    /// <summary>A number from another container may be another process here: only one that has the channel open is it.</summary>
    private string? Find(int process)
    {
        try
        {
            if (!SegmentReader.TryOpen(channel.ControlSegment, out SegmentReader? control))
            {
                return null;
            }

            // The process that made it opened it before it had its name (O_TMPFILE).
            using (control)
            {
                string[] paths = [$"/dev/shm{channel.ControlSegment}", $"/dev/shm/#{control.GetStatus().Inode} (deleted)"];
                bool isAtTheChannel = Directory.EnumerateFileSystemEntries($"/proc/{process}/fd")
                    .Any(descriptor => paths.Contains(File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName));
                return isAtTheChannel ? File.ReadAllText($"/proc/{process}/comm").TrimEnd('\n') : null;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
