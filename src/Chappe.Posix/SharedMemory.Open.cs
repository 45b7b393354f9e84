using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

public sealed partial class SharedMemory
{
    /// <summary>Makes a segment that does not exist yet. Nobody sees it before it has its length and permissions.</summary>
    /// <param name="name">Its name, such as <c>/frames</c>; the leading slash may be left out. At most 255 bytes of UTF-8, no other slash, no NUL.</param>
    /// <param name="length">Its length in bytes, 1 or more; zeroes.</param>
    /// <param name="options">Permissions and the most it may become.</param>
    /// <exception cref="PosixException">It exists (<see cref="PosixError.AlreadyExists"/>), or the system refuses for another reason.</exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm has no room.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    public static SharedMemory Create(string name, long length, SharedMemoryOptions? options = null)
    {
        Platform.Check();
        name = PosixName.ForSegment(name);
        SharedMemory segment = Make(length, options, label: name);
        try
        {
            segment.Publish(name);
            return segment;
        }
        catch
        {
            segment.Dispose();
            throw;
        }
    }

    /// <summary>Creates a segment that no other process can see until <see cref="Publish"/> gives it its name. Without that it vanishes when it is disposed.</summary>
    /// <param name="label">What messages call it until then: the name that it will have.</param>
    /// <param name="length">Its length in bytes, 1 or more; zeroes.</param>
    /// <param name="options">Permissions and maximum length.</param>
    internal static SharedMemory CreateUnnamed(string label, long length, SharedMemoryOptions? options = null)
    {
        Platform.Check();
        return Make(length, options, label);
    }

    /// <summary>Gives a segment made by <see cref="CreateUnnamed"/> its name.</summary>
    /// <exception cref="PosixException">The name is taken (<see cref="PosixError.AlreadyExists"/>); the segment still has none.</exception>
    /// <exception cref="InvalidOperationException">It has a name already.</exception>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    internal void Publish(string name)
    {
        name = PosixName.ForSegment(name);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Name is not null)
        {
            throw new InvalidOperationException($"The segment is called '{Name}' already.");
        }

        int error = UnnamedFile.Link(_file, PosixName.SegmentPath(name));
        if (error != 0)
        {
            throw Failure.FromErrorNumber(error, "create the segment", name, PosixName.SegmentPath(name));
        }

        Name = name;
    }

    /// <summary>Opens a segment that exists.</summary>
    /// <param name="name">Its name, as for <see cref="Create"/>.</param>
    /// <param name="options">Whose segments may be opened (only this user's own by default), and the most it may become.</param>
    /// <exception cref="PosixException">
    /// There is none (<see cref="PosixError.NotFound"/>), or what stands there is no regular file (<see cref="PosixError.InvalidObject"/>).
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied, or its owner is not allowed.</exception>
    public static SharedMemory OpenExisting(string name, SharedMemoryOptions? options = null) =>
        TryOpenExisting(name, out SharedMemory? segment, options)
            ? segment
            : throw Failure.FromErrorNumber(Interop.ENOENT, "open the segment", name);

    /// <summary>Opens a segment, or makes it if it does not exist.</summary>
    /// <param name="name">Its name, as for <see cref="Create"/>.</param>
    /// <param name="length">The length that it has at least, in bytes, 1 or more.</param>
    /// <param name="options">Permissions if it is made; whose may be opened if it exists; the most it may become.</param>
    /// <inheritdoc cref="Create" path="/*[not(self::param)]"/>
    public static SharedMemory OpenOrCreate(string name, long length, SharedMemoryOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        while (true)
        {
            if (TryOpenExisting(name, out SharedMemory? segment, options))
            {
                try
                {
                    segment.EnsureLength(length);
                    return segment;
                }
                catch
                {
                    segment.Dispose();
                    throw;
                }
            }

            try
            {
                return Create(name, length, options);
            }
            catch (PosixException exception) when (exception.Error == PosixError.AlreadyExists)
            {
                // Another process made it in between: open that one.
            }
        }
    }

    /// <summary>Opens a segment if it exists.</summary>
    /// <param name="name">Its name, as for <see cref="Create"/>.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="options">Whose segments may be opened, and the most it may become.</param>
    /// <returns>False if there is none of that name. Every other obstacle is an exception.</returns>
    /// <inheritdoc cref="OpenExisting" path="/*[not(self::param)]"/>
    public static bool TryOpenExisting(string name, [NotNullWhen(true)] out SharedMemory? segment, SharedMemoryOptions? options = null)
    {
        Platform.Check();
        name = PosixName.ForSegment(name);
        options ??= SharedMemoryOptions.Default;
        segment = null;

        SafeFileHandle file = Interop.SegmentOpen(name, Interop.O_RDWR, 0);
        try
        {
            if (file.IsInvalid)
            {
                int error = Marshal.GetLastPInvokeError();
                file.Dispose();
                return error switch
                {
                    Interop.ENOENT => false,

                    // glibc turns EISDIR into EINVAL; the name itself was checked.
                    Interop.EINVAL or Interop.EISDIR or Interop.ELOOP or Interop.ENXIO => throw Failure.NotWhatWasAskedFor(name, "it is not a regular file."),
                    _ => throw Failure.FromErrorNumber(error, "open the segment", name, PosixName.SegmentPath(name)),
                };
            }

            FileStatus status = FileStatus.Of(file);
            options.Check(status, name);
            MappedRange range = MappedRange.Map(file, name, Math.Max(options.MaxLength, status.Length), Math.Max(1, status.Length));
            segment = new SharedMemory(name, name, file, range, SegmentGrowth.BackedLength(file, name, status));
            return true;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Deletes a segment's name. Processes that have it open keep it; the next to open the name finds none.</summary>
    /// <returns>False if there was none.</returns>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    public static bool Delete(string name)
    {
        Platform.Check();
        name = PosixName.ForSegment(name);
        if (Interop.SegmentUnlink(name) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == Interop.ENOENT ? false : throw Failure.FromErrorNumber(error, "delete the segment", name, PosixName.SegmentPath(name));
    }

    /// <summary>Looks at a segment's file without opening it.</summary>
    /// <returns>False if there is none of that name.</returns>
    internal static bool TryGetStatus(string name, out FileStatus status)
    {
        Platform.Check();
        return FileStatus.TryGet(PosixName.SegmentPath(PosixName.ForSegment(name)), out status);
    }

    private static SharedMemory Make(long length, SharedMemoryOptions? options, string label)
    {
        options ??= SharedMemoryOptions.Default;
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, options.MaxLength);

        SafeFileHandle file = UnnamedFile.Create(label, length, options);
        try
        {
            return new SharedMemory(null, label, file, MappedRange.Map(file, label, options.MaxLength, length), length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
