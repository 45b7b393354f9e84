using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>A directory whose files can be opened by name, and nothing outside it, whatever the name says and wherever symbolic links point.</summary>
internal sealed class ConfinedDirectory : IDisposable
{
    private const int FileFlags = Interop.O_RDONLY | Interop.O_CLOEXEC | Interop.O_NONBLOCK | Interop.O_NOCTTY;

    /// <summary>openat2(2) says EAGAIN when a rename or mount raced with it; it may be asked again.</summary>
    private const int Attempts = 16;

    private readonly SafeFileHandle _directory;

    /// <summary>Opens the directory; from then on it is this directory, whatever happens to its name.</summary>
    /// <exception cref="PosixException">There is none, or it is no directory.</exception>
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

    /// <summary>The directory's full path as it was when it was opened.</summary>
    public string Path { get; }

    /// <summary>False in tests of what is done where openat2(2) is missing.</summary>
    internal bool UsesKernel { get; init; } = true;

    /// <summary>Opens a regular file below the directory for reading. Never blocks, not on a FIFO either.</summary>
    /// <param name="name">Relative, with <c>/</c> between its parts; <c>..</c> is refused.</param>
    /// <param name="status">The status of what was opened.</param>
    /// <exception cref="PosixException">
    /// <see cref="PosixError.NotFound"/>, <see cref="PosixError.OutsideDirectory"/>, <see cref="PosixError.InvalidObject"/> for what is no
    /// regular file, or another. The message holds no path outside the directory.
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
    /// Looks at what a name is now, to tell whether a file that was opened by it still is that file. A symbolic link at its end is not followed, so
    /// of a name without <c>/</c> this says what stands in this very directory. Of another it says nothing of where the file lies: only
    /// <see cref="OpenFile"/> keeps to the directory.
    /// </summary>
    /// <returns>False if there is nothing of that name, or it cannot be looked at.</returns>
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
    /// The names of the regular files in the directory, or in one below it, and of the symbolic links to some, that are valid UTF-8, in no order.
    /// </summary>
    /// <param name="below">The directory below, relative; empty for this one.</param>
    /// <exception cref="PosixException">There is no such directory, or it lies outside.</exception>
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

    /// <summary>.NET lists FIFOs, sockets, devices and links that lead out among the files.</summary>
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
            throw new PosixException("A file's name cannot hold a NUL character.", PosixError.NotFound, Interop.ENOENT, name);
        }

        return (UsesKernel ? TryOpenBeneath(name, flags) : null) ?? OpenWithoutLinks(name, parts, flags);
    }

    /// <summary>Opens by openat2(2), which lets the kernel keep the whole resolution below the directory; null where it is missing.</summary>
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

            // Old kernels say ENOSYS, seccomp filters of older container runtimes EPERM. The fallback says EPERM itself if that was meant.
            return error is Interop.ENOSYS or Interop.EPERM ? null : throw Refusal(error, name);
        }
    }

    /// <summary>As strict without the kernel's help: part by part, following no symbolic link at all.</summary>
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
