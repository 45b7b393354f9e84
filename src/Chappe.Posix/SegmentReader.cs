using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>Reads a segment of any owner. The segment is opened for reading and never mapped, so its users cannot crash this process.</summary>
[SupportedOSPlatform("linux")]
internal sealed class SegmentReader : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _name;

    private SegmentReader(SafeFileHandle file, string name)
    {
        _file = file;
        _name = name;
    }

    /// <summary>Opens a segment for reading if it exists.</summary>
    /// <param name="name">The name, such as <c>/frames</c>.</param>
    /// <param name="reader">The segment, or null if it does not exist.</param>
    /// <returns>False if no segment has that name.</returns>
    /// <exception cref="PosixException">The object is not a regular file (<see cref="PosixError.InvalidObject"/>), or another system error occurred.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    public static bool TryOpen(string name, [NotNullWhen(true)] out SegmentReader? reader)
    {
        Platform.Check();
        name = PosixName.ForSegment(name);
        reader = TryOpenFile(PosixName.SegmentPath(name), name, out SafeFileHandle? file) ? new SegmentReader(file, name) : null;
        return reader is not null;
    }

    /// <summary>Gets the current status of the opened file.</summary>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public FileStatus GetStatus() => FileStatus.Of(_file);

    /// <summary>Copies bytes out of the segment.</summary>
    /// <returns>The number of bytes read; fewer than requested at the end of the segment.</returns>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public int Read(long offset, Span<byte> destination) => RandomAccess.Read(_file, destination, offset);

    /// <summary>Whether a process holds the lock on that byte (<see cref="SharedMemory.TryLock"/>). Takes no lock.</summary>
    /// <exception cref="ObjectDisposedException">The reader is disposed.</exception>
    public bool IsLocked(long position) => SegmentLock.IsHeldByAnother(_file, _name, position);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    internal static bool TryOpenFile(string path, string name, [NotNullWhen(true)] out SafeFileHandle? file)
    {
        file = null;
        if (!FileStatus.TryGet(path, out FileStatus status))
        {
            return false;
        }

        // Checked before opening, because the other side of a FIFO or a device notices an open.
        ThrowIfNoRegularFile(status, name);
        SafeFileHandle opened = Interop.Open(path, Interop.O_RDONLY | Interop.O_NOFOLLOW | Interop.O_NONBLOCK | Interop.O_NOCTTY | Interop.O_CLOEXEC, 0);
        try
        {
            if (!opened.IsInvalid)
            {
                ThrowIfNoRegularFile(FileStatus.Of(opened), name);
                file = opened;
                return true;
            }

            int error = Marshal.GetLastPInvokeError();
            return error == Interop.ENOENT ? false : throw Failure.FromErrorNumber(error, "read", name, path);
        }
        finally
        {
            if (file is null)
            {
                opened.Dispose();
            }
        }
    }

    private static void ThrowIfNoRegularFile(in FileStatus status, string name)
    {
        if (!status.IsRegularFile)
        {
            throw Failure.NotWhatWasAskedFor(name, "it is not a regular file.");
        }
    }
}
