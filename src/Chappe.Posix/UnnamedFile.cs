using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>
/// A file in /dev/shm that gets its name last: nobody sees it without its length, its contents or its permissions, whatever the umask, and if this
/// process dies before, nothing is left.
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
                throw Failure.FromLastError($"give to group {group} the new", label);
            }

            // After the group, whose change may take permissions away.
            if (Interop.ChangeMode(file, (uint)options.Mode) != 0)
            {
                throw Failure.FromLastError("set the permissions of the new", label);
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

    /// <summary>Gives it its name.</summary>
    /// <returns>0, or the errno; EEXIST if the name is taken.</returns>
    internal static int Link(SafeFileHandle file, string path)
    {
        // By its path in /proc: AT_EMPTY_PATH needs a capability, open(2).
        using var self = new DescriptorPath(file);
        return Interop.LinkAt(Interop.AT_FDCWD, self.Value, Interop.AT_FDCWD, path, Interop.AT_SYMLINK_FOLLOW) == 0
            ? 0
            : Marshal.GetLastPInvokeError();
    }
}
