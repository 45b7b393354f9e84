using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>
/// A named segment of POSIX shared memory: bytes that several processes see at once. It can grow, and never moves while it is open.
/// </summary>
/// <remarks>
/// <para>It is what <c>MemoryMappedFile.CreateNew("name", n)</c> refuses to be on Linux. Programs in C share it by <c>shm_open(3)</c>.</para>
/// <para>A name, and its bytes, outlive every process: only <see cref="Delete"/> removes it, here or in any other process, or a restart of the machine.</para>
/// <para>
/// A span from <see cref="GetSpan"/> points into the segment: it is valid until <see cref="Dispose"/>. Where that is hard to see to, take a
/// <see cref="GetMemory"/>, which throws after disposal.
/// </para>
/// <para>
/// Whoever may write to the segment may also truncate it, and the next touch of what is gone kills this process: share it only with whom you trust,
/// or use <see cref="Read"/> and <see cref="Write"/>, which no truncation can hurt.
/// </para>
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed partial class SharedMemory : IDisposable
{
    /// <summary>4 GiB: the most a segment may become unless the options say otherwise.</summary>
    public const long DefaultMaxLength = 4L << 30;

    private readonly string _label;
    private readonly SafeFileHandle _file;
    private readonly MappedRange _range;

    /// <summary>
    /// From the first byte to here, all is known to have memory behind it and to be mapped. Another process may have made the segment longer since,
    /// even beyond what is mapped here.
    /// </summary>
    private long _knownLength;

    /// <summary>Not the range's IsClosed: that stays false while somebody holds a reference.</summary>
    private volatile bool _isDisposed;

    private SharedMemory(string? name, string label, SafeFileHandle file, MappedRange range, long knownLength)
    {
        Name = name;
        _label = label;
        _file = file;
        _range = range;
        _knownLength = knownLength;
    }

    /// <summary>The free bytes of /dev/shm at this moment; <see cref="long.MaxValue"/> where it has no limit of its own (mounted with size=0).</summary>
    public static long AvailableBytes
    {
        get
        {
            // tmpfs without a limit says that it has 0 bytes, 0 of them free.
            var fileSystem = new DriveInfo(PosixName.Directory);
            return fileSystem.TotalSize == 0 ? long.MaxValue : fileSystem.AvailableFreeSpace;
        }
    }

    /// <summary>The name with its leading slash, null while it has none.</summary>
    public string? Name { get; private set; }

    /// <summary>The most the segment may become while it is open here, in bytes.</summary>
    public long MaxLength => _range.Length;

    /// <summary>The length of the segment's file now, in bytes; one system call.</summary>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public long Length => GetStatus().Length;

    /// <summary>The bytes that had memory behind them when this process looked last; no system call. Another may have changed it since.</summary>
    internal long KnownLength => _knownLength;

    private string Label => Name ?? _label;

    /// <summary>Looks at the segment's file: length, owner, whether it still has a name.</summary>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    internal FileStatus GetStatus()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        FileStatus status = FileStatus.Of(_file);
        _knownLength = Math.Min(SegmentGrowth.BackedLength(_file, Label, status), MaxLength);
        return status;
    }

    /// <summary>Makes the segment at least this long, with memory behind every byte of it. Does nothing if it is.</summary>
    /// <remarks>
    /// Any process may do this, but not two at the same moment: one that finds /dev/shm full in mid-way makes the segment as short as it was. A limit
    /// on the memory of a container (its memory cgroup) counts /dev/shm too, and kills instead of refusing.
    /// </remarks>
    /// <param name="length">In bytes, at most <see cref="MaxLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative or more than <see cref="MaxLength"/>.</exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm has no room; the segment is as it was.</exception>
    /// <exception cref="PosixException"><see cref="PosixError.TooLarge"/>: a limit of this process (<c>ulimit -f</c>) allows no file of that length.</exception>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public void EnsureLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        FileStatus status = GetStatus();
        if (_knownLength < length)
        {
            SegmentGrowth.Grow(_file, Label, status, length);
            _knownLength = length;
        }
    }

    /// <summary>The bytes themselves, in place.</summary>
    /// <param name="offset">Where they begin.</param>
    /// <param name="length">How many there are.</param>
    /// <exception cref="ArgumentOutOfRangeException">The segment is not that long; see <see cref="EnsureLength"/>.</exception>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public unsafe Span<byte> GetSpan(long offset, int length)
    {
        CheckRange(offset, length);
        return new Span<byte>(_range.Pointer + offset, length);
    }

    /// <summary>The address of the bytes, for native code. Valid until <see cref="Dispose"/>.</summary>
    /// <inheritdoc cref="GetSpan"/>
    public unsafe byte* GetPointer(long offset, long length)
    {
        CheckRange(offset, length);
        return _range.Pointer + offset;
    }

    /// <summary>The bytes themselves, in place, as memory that throws <see cref="ObjectDisposedException"/> once the segment is disposed.</summary>
    /// <inheritdoc cref="GetSpan"/>
    public Memory<byte> GetMemory(long offset, int length)
    {
        CheckRange(offset, length);
        return new SegmentMemory(this, offset, length).Memory;
    }

    /// <summary>Copies bytes out of the segment by a system call, which no truncation by another process can turn into a crash.</summary>
    /// <returns>The bytes read: fewer than asked for at the end of the segment.</returns>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public int Read(long offset, Span<byte> destination) => RandomAccess.Read(_file, destination, offset);

    /// <summary>
    /// Copies bytes into the segment by a system call, which no truncation by another process can turn into a crash. Makes it longer if needed.
    /// </summary>
    /// <remarks>Where the segment becomes longer by more than what is written, the bytes in between have no memory behind them: see <see cref="EnsureLength"/>.</remarks>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The bytes would not fit within <see cref="MaxLength"/>.</exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm has no room.</exception>
    /// <exception cref="PosixException"><see cref="PosixError.TooLarge"/>: the last byte lies beyond what this process may write to a file (<c>ulimit -f</c>).</exception>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, MaxLength - source.Length);

        // Also where the segment is long enough: the kernel looks at where a write ends, not at whether the file becomes longer.
        ProcessLimits.CheckFileSize(Label, offset + source.Length);
        try
        {
            RandomAccess.Write(_file, source, offset);
        }
        catch (IOException exception) when (exception.HResult is Interop.ENOSPC or Interop.EDQUOT)
        {
            throw new SharedMemoryFullException(Label, source.Length, AvailableBytes);
        }
    }

    /// <summary>Tries to lock one byte of the segment against all others, until the lock is disposed or the process dies.</summary>
    /// <param name="position">Which byte, 0 or more; it need not exist.</param>
    /// <returns>Null if another holds it.</returns>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    internal SegmentLock? TryLock(long position)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return SegmentLock.TryTake(_file, Label, position);
    }

    /// <summary>True if somebody, this process included, holds the lock on that byte.</summary>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    internal bool IsLocked(long position)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return SegmentLock.IsHeldByAnother(_file, Label, position);
    }

    /// <summary>Unmaps the segment in this process. The name, and the bytes, stay: see <see cref="Delete"/>.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _range.Dispose();
        _file.Dispose();
    }

    /// <summary>Keeps the segment mapped, also after <see cref="Dispose"/>, until <see cref="RemoveReference"/>.</summary>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    internal void AddReference()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        bool added = false;
        _range.DangerousAddRef(ref added);
    }

    /// <summary>Undoes one <see cref="AddReference"/>.</summary>
    internal void RemoveReference() => _range.DangerousRelease();

    internal bool IsDisposed => _isDisposed;

    internal unsafe byte* Pointer => _range.Pointer;

    private void CheckRange(long offset, long length)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (offset > _knownLength - length)
        {
            FileStatus status = GetStatus();
            if (offset > _knownLength - length)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(length),
                    $"{length:N0} bytes at {offset:N0} of '{Label}' were asked for; it has {status.Length:N0}, and the first {_knownLength:N0} are mapped and have memory behind them.");
            }
        }
    }
}
