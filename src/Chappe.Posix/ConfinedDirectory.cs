using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>A directory whose files can be opened by name. Neither a name nor a symbolic link can lead outside it.</summary>
internal sealed class ConfinedDirectory : IDisposable
{
    private const int FileFlags = Interop.O_RDONLY | Interop.O_CLOEXEC | Interop.O_NONBLOCK | Interop.O_NOCTTY;

    /// <summary>openat2(2) fails with EAGAIN if a rename or mount races with it. The call may be repeated.</summary>
    private const int Attempts = 16;

    private readonly SafeFileHandle _directory;

    /// <summary>Opens the directory. The object refers to this directory even if its path is renamed or replaced later.</summary>
    /// <exception cref="PosixException">The path does not exist or is not a directory.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    public ConfinedDirectory(string path)
    {
        Platform.Check();
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = System.IO.Path.GetFullPath(path);
        _directory = Interop.Open(Path, Interop.O_RDONLY | Interop.O_DIRECTORY | Interop.O_CLOEXEC, 0);
        if (_directory.IsInvalid)
        {
            throw Failure.FromLastError("open the directory", Path);
        }
    }

    /// <summary>The full path of the directory at the time it was opened.</summary>
    public string Path { get; }

    /// <summary>False in tests of the fallback for kernels without openat2(2).</summary>
    internal bool UsesKernel { get; init; } = true;

    /// <summary>Opens a regular file below the directory for reading. Never blocks, even on a FIFO.</summary>
    /// <param name="name">A relative path with <c>/</c> as the separator. <c>..</c> is rejected.</param>
    /// <param name="status">The status of the opened file.</param>
    /// <exception cref="PosixException">
    /// <see cref="PosixError.NotFound"/>, <see cref="PosixError.OutsideDirectory"/>, <see cref="PosixError.InvalidObject"/> for anything but a
    /// regular file, or another error. The message contains no path outside the directory.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    public SafeFileHandle OpenFile(string name, out FileStatus status)
    {
        SafeFileHandle file = Open(name, FileFlags);
        status = FileStatus.Of(file);
        if (!status.IsRegularFile)
        {
            file.Dispose();
            throw Failure.NotWhatWasAskedFor(name, "it is not a regular file.");
        }

        return file;
    }

    /// <summary>
    /// Gets the current status of a name, to tell whether a file opened by that name still has it. A symbolic link in the last component is not
    /// followed, so a name without <c>/</c> always refers to an entry of this directory. Any other name may refer to a file outside it: only
    /// <see cref="OpenFile"/> enforces the confinement.
    /// </summary>
    /// <returns>False if no file has that name, or its status cannot be read.</returns>
    /// <exception cref="ObjectDisposedException">The directory is disposed.</exception>
    public bool TryGetStatus(string name, out FileStatus status)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        try
        {
            return FileStatus.TryGet(_directory, name, out status);
        }
        catch (Exception exception) when (exception is PosixException or UnauthorizedAccessException)
        {
            status = default;
            return false;
        }
    }

    /// <summary>
    /// Lists the regular files in the directory or in a subdirectory, and the symbolic links to such files, in no particular order. Names that are
    /// not valid UTF-8 are omitted.
    /// </summary>
    /// <param name="below">The relative path of the subdirectory; empty for the directory itself.</param>
    /// <exception cref="PosixException">The subdirectory does not exist, or lies outside the directory.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The directory is disposed.</exception>
    public IReadOnlyList<string> EnumerateFiles(string below = "")
    {
        ArgumentNullException.ThrowIfNull(below);
        using SafeFileHandle? opened = below.Length == 0 ? null : Open(below, Interop.O_RDONLY | Interop.O_DIRECTORY | Interop.O_CLOEXEC);
        SafeFileHandle directory = opened ?? _directory;
        using var self = new DescriptorPath(directory);
        return
        [
            .. new DirectoryInfo(self.Value)
                .EnumerateFiles("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false })
                .Select(file => file.Name)
                .Where(name => !name.Contains('\uFFFD') && IsRegularFile(directory, name, below.Length == 0 ? name : $"{below}/{name}")),
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();

    /// <summary>Among the files, .NET also lists FIFOs, sockets, devices, and links that lead out of the directory.</summary>
    private bool IsRegularFile(SafeFileHandle directory, string name, string path)
    {
        if (!FileStatus.TryGet(directory, name, out FileStatus status))
        {
            return false;
        }

        if (!status.IsSymbolicLink)
        {
            return status.IsRegularFile;
        }

        try
        {
            OpenFile(path, out _).Dispose();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private SafeFileHandle Open(string name, int flags)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        string[] parts = name.Split('/');
        if (name[0] == '/' || parts.Contains(".."))
        {
            throw new PosixException($"'{name}' leads out of the directory.", PosixError.OutsideDirectory, Interop.EXDEV, name);
        }

        if (name.Contains('\0'))
        {
            throw new PosixException("A file name cannot contain a NUL character.", PosixError.NotFound, Interop.ENOENT, name);
        }

        return (UsesKernel ? TryOpenBeneath(name, flags) : null) ?? OpenWithoutLinks(name, parts, flags);
    }

    /// <summary>Opens by openat2(2), by which the kernel confines the whole path resolution to the directory. Returns null if the call is missing.</summary>
    private SafeFileHandle? TryOpenBeneath(string name, int flags)
    {
        var how = new Interop.OpenHow { Flags = (ulong)flags, Resolve = Interop.RESOLVE_BENEATH | Interop.RESOLVE_NO_MAGICLINKS };
        for (int attempt = 1; ; attempt++)
        {
            SafeFileHandle file = Interop.OpenAt2(_directory, name, how);
            if (!file.IsInvalid)
            {
                return file;
            }

            int error = Marshal.GetLastPInvokeError();
            file.Dispose();
            if (error is Interop.EAGAIN or Interop.EINTR && attempt < Attempts)
            {
                continue;
            }

            // Old kernels return ENOSYS, and seccomp filters of older container runtimes EPERM. If the file itself causes EPERM, the fallback fails with it too.
            return error is Interop.ENOSYS or Interop.EPERM ? null : throw Refusal(error, name);
        }
    }

    /// <summary>Opens without openat2(2), and as strictly: one component at a time, following no symbolic link.</summary>
    private SafeFileHandle OpenWithoutLinks(string name, string[] parts, int flags)
    {
        SafeFileHandle current = _directory;
        try
        {
            for (int i = 0; i < parts.Length; i++)
            {
                bool last = i == parts.Length - 1;
                int partFlags = Interop.O_NOFOLLOW | (last ? flags : Interop.O_RDONLY | Interop.O_DIRECTORY | Interop.O_CLOEXEC);
                string part = parts[i].Length == 0 ? "." : parts[i];
                SafeFileHandle next = Interop.OpenAt(current, part, partFlags, 0);
                int error = Marshal.GetLastPInvokeError();
                if (next.IsInvalid && error == Interop.ENOTDIR && FileStatus.TryGet(current, part, out FileStatus status) && status.IsSymbolicLink)
                {
                    error = Interop.ELOOP;
                }

                Close(current);
                current = next;
                if (next.IsInvalid)
                {
                    throw Refusal(error, name);
                }
            }

            return current;
        }
        catch
        {
            Close(current);
            throw;
        }
    }

    private static Exception Refusal(int error, string name) => error == Interop.ELOOP
        ? new PosixException($"'{name}' is, or passes through, a symbolic link that is not followed here.", PosixError.OutsideDirectory, error, name)
        : Failure.FromErrorNumber(error, "open", name);

    private void Close(SafeFileHandle handle)
    {
        if (handle != _directory)
        {
            handle.Dispose();
        }
    }
}
