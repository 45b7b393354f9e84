using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>
/// A file in /dev/shm that receives its name last. No process sees it without its length, contents and permissions, regardless of the umask. If this
/// process dies before it names the file, nothing remains.
/// </summary>
internal static class UnnamedFile
{
    internal static SafeFileHandle Create(string label, long length, SharedObjectOptions options)
    {
        SafeFileHandle file = Interop.Open(PosixName.Directory, Interop.O_TMPFILE | Interop.O_RDWR | Interop.O_CLOEXEC, (uint)options.Mode);
        try
        {
            if (file.IsInvalid)
            {
                throw Failure.FromLastError($"create (open {PosixName.Directory} with O_TMPFILE)", label);
            }

            if (options.GroupId is int group && Interop.ChangeOwner(file, uint.MaxValue, (uint)group) != 0)
            {
                throw Failure.FromLastError($"set group {group} on", label);
            }

            // Follows the change of the group, which may clear permission bits.
            if (Interop.ChangeMode(file, (uint)options.Mode) != 0)
            {
                throw Failure.FromLastError("set the permissions of", label);
            }

            SegmentGrowth.Grow(file, label, FileStatus.Of(file), length);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Gives the file its name.</summary>
    /// <returns>0, or the errno; EEXIST if the name is taken.</returns>
    internal static int Link(SafeFileHandle file, string path)
    {
        // Links the path in /proc, because AT_EMPTY_PATH requires a capability: open(2).
        using var self = new DescriptorPath(file);
        return Interop.LinkAt(Interop.AT_FDCWD, self.Value, Interop.AT_FDCWD, path, Interop.AT_SYMLINK_FOLLOW) == 0
            ? 0
            : Marshal.GetLastPInvokeError();
    }
}
