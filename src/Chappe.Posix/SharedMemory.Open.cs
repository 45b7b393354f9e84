using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

public sealed partial class SharedMemory
{
    /// <summary>Creates a segment that does not exist yet. Other processes see it only once it has its length and permissions.</summary>
    /// <param name="name">
    /// The name, such as <c>/frames</c>; the leading slash is optional. At most 255 bytes of UTF-8 (NAME_MAX), with no other slash and no NUL character.
    /// </param>
    /// <param name="length">The length in bytes, 1 to <see cref="SharedMemoryOptions.MaxLength"/>. The bytes are zero.</param>
    /// <param name="options">The permissions and the maximum length.</param>
    /// <exception cref="ArgumentException">The name is not valid, or <paramref name="length"/> is out of range.</exception>
    /// <exception cref="PosixException">The segment exists (<see cref="PosixError.AlreadyExists"/>), or another system error occurred.</exception>
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

    /// <summary>Creates a segment that no other process can see until <see cref="Publish"/> names it. An unnamed segment vanishes when it is disposed.</summary>
    /// <param name="label">The name that the segment will have. Messages use it until then.</param>
    /// <param name="length">The length in bytes, 1 or more. The bytes are zero.</param>
    /// <param name="options">The permissions and the maximum length.</param>
    internal static SharedMemory CreateUnnamed(string label, long length, SharedMemoryOptions? options = null)
    {
        Platform.Check();
        return Make(length, options, label);
    }

    /// <summary>Names a segment created by <see cref="CreateUnnamed"/>.</summary>
    /// <exception cref="PosixException">The name is taken (<see cref="PosixError.AlreadyExists"/>). The segment stays unnamed.</exception>
    /// <exception cref="InvalidOperationException">The segment already has a name.</exception>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    internal void Publish(string name)
    {
        name = PosixName.ForSegment(name);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Name is not null)
        {
            throw new InvalidOperationException($"The segment already has the name '{Name}'.");
        }

        int error = UnnamedFile.Link(_file, PosixName.SegmentPath(name));
        if (error != 0)
        {
            throw Failure.FromErrorNumber(error, "create the segment", name, PosixName.SegmentPath(name));
        }

        Name = name;
    }

    /// <summary>Opens an existing segment.</summary>
    /// <param name="name">The name, as for <see cref="Create"/>.</param>
    /// <param name="options">The owners whose segments may be opened (by default only the user of this process), and the maximum length.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="PosixException">
    /// The segment does not exist (<see cref="PosixError.NotFound"/>), the object is not a regular file (<see cref="PosixError.InvalidObject"/>), or another
    /// system error occurred.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied, or the owner is not allowed.</exception>
    public static SharedMemory OpenExisting(string name, SharedMemoryOptions? options = null) =>
        TryOpenExisting(name, out SharedMemory? segment, options)
            ? segment
            : throw Failure.FromErrorNumber(Interop.ENOENT, "open the segment", name);

    /// <summary>Opens a segment, or creates it if it does not exist.</summary>
    /// <param name="name">The name, as for <see cref="Create"/>.</param>
    /// <param name="length">The minimum length in bytes, 1 or more. A shorter segment is extended.</param>
    /// <param name="options">
    /// The permissions if the segment is created; the owners whose segments may be opened if it exists; the maximum length.
    /// </param>
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
                // Another process created the segment in between, so the next attempt opens it.
            }
        }
    }

    /// <summary>Opens a segment if it exists.</summary>
    /// <param name="name">The name, as for <see cref="Create"/>.</param>
    /// <param name="segment">The segment, or null if it does not exist.</param>
    /// <param name="options">The owners whose segments may be opened (by default only the user of this process), and the maximum length.</param>
    /// <returns>False if no segment has that name. Any other failure throws.</returns>
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

                    // glibc turns EISDIR into EINVAL. The name itself is valid at this point.
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

    /// <summary>Deletes the name of a segment. Processes that have the segment open keep it; later attempts to open the name find no segment.</summary>
    /// <param name="name">The name, as for <see cref="Create"/>.</param>
    /// <returns>False if no segment had that name.</returns>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
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

    /// <summary>Gets the status of a segment's file without opening the segment.</summary>
    /// <returns>False if no segment has that name.</returns>
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
