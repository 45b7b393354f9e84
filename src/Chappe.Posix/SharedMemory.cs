using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>
/// A named segment of POSIX shared memory: bytes that several processes share. A segment can grow, and never moves while it is open.
/// </summary>
/// <remarks>
/// <para>
/// On Linux, <c>MemoryMappedFile.CreateNew("name", n)</c> throws <see cref="PlatformNotSupportedException"/>; this class provides named shared memory.
/// C programs open the same segment with <c>shm_open(3)</c>.
/// </para>
/// <para>The name and the bytes outlive every process. They last until a process deletes the name (<see cref="Delete"/>) or the machine restarts.</para>
/// <para>
/// A span from <see cref="GetSpan"/> points into the segment and is valid until <see cref="Dispose"/>. Where this is hard to ensure, use
/// <see cref="GetMemory"/>, which throws after disposal.
/// </para>
/// <para>
/// A process that may write to the segment can also truncate it. The next access to a truncated part kills this process. Share a segment only with
/// users you trust, or use <see cref="Read"/> and <see cref="Write"/>, which are safe against truncation.
/// </para>
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed partial class SharedMemory : IDisposable
{
    /// <summary>The default <see cref="SharedMemoryOptions.MaxLength"/> of a segment: 4 GiB.</summary>
    public const long DefaultMaxLength = 4L << 30;

    private readonly string _label;
    private readonly SafeFileHandle _file;
    private readonly MappedRange _range;

    /// <summary>
    /// The number of bytes, from the first, that are known to be mapped and backed by memory. Another process may have extended the segment since, even
    /// beyond the range that is mapped here.
    /// </summary>
    private long _knownLength;

    /// <summary>The range's IsClosed cannot serve: it stays false while a reference is held.</summary>
    private volatile bool _isDisposed;

    private SharedMemory(string? name, string label, SafeFileHandle file, MappedRange range, long knownLength)
    {
        Name = name;
        _label = label;
        _file = file;
        _range = range;
        _knownLength = knownLength;
    }

    /// <summary>The current number of free bytes in /dev/shm; <see cref="long.MaxValue"/> if it has no size limit (mounted with size=0).</summary>
    public static long AvailableBytes
    {
        get
        {
            // tmpfs without a limit reports a size of 0 bytes, 0 of them free.
            var fileSystem = new DriveInfo(PosixName.Directory);
            return fileSystem.TotalSize == 0 ? long.MaxValue : fileSystem.AvailableFreeSpace;
        }
    }

    /// <summary>The name with its leading slash, or null while the segment has no name.</summary>
    public string? Name { get; private set; }

    /// <summary>The maximum length in bytes that the segment can reach while it is open here.</summary>
    public long MaxLength => _range.Length;

    /// <summary>The current length of the segment's file in bytes. Reading it takes one system call.</summary>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public long Length => GetStatus().Length;

    /// <summary>The number of bytes that were backed by memory at the last check; takes no system call. Another process may have changed it since.</summary>
    internal long KnownLength => _knownLength;

    private string Label => Name ?? _label;

    /// <summary>Gets the status of the segment's file: its length, its owner, and whether it still has a name.</summary>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    internal FileStatus GetStatus()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        FileStatus status = FileStatus.Of(_file);
        _knownLength = Math.Min(SegmentGrowth.BackedLength(_file, Label, status), MaxLength);
        return status;
    }

    /// <summary>Extends the segment to at least the given length, with every byte backed by memory. Does nothing if it already is that long.</summary>
    /// <remarks>
    /// Any process may extend the segment, but not two at the same time: a process that finds /dev/shm full halfway restores the previous length. The memory
    /// limit of a container (its memory cgroup) includes /dev/shm. Exceeding that limit kills the process; no exception is thrown.
    /// </remarks>
    /// <param name="length">The length in bytes, 0 to <see cref="MaxLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative or more than <see cref="MaxLength"/>.</exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm has too little room. The segment keeps its length.</exception>
    /// <exception cref="PosixException"><see cref="PosixError.TooLarge"/>: the length exceeds the file size limit of this process (<c>ulimit -f</c>).</exception>
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

    /// <summary>Returns a span over a part of the segment, without copying.</summary>
    /// <param name="offset">The offset of the first byte.</param>
    /// <param name="length">The number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative, or the range exceeds the segment; see <see cref="EnsureLength"/>.</exception>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public unsafe Span<byte> GetSpan(long offset, int length)
    {
        CheckRange(offset, length);
        return new Span<byte>(_range.Pointer + offset, length);
    }

    /// <summary>Returns the address of a part of the segment, for native code. The address is valid until <see cref="Dispose"/>.</summary>
    /// <inheritdoc cref="GetSpan"/>
    public unsafe byte* GetPointer(long offset, long length)
    {
        CheckRange(offset, length);
        return _range.Pointer + offset;
    }

    /// <summary>Returns memory over a part of the segment, without copying. Once the segment is disposed, it throws <see cref="ObjectDisposedException"/>.</summary>
    /// <inheritdoc cref="GetSpan"/>
    public Memory<byte> GetMemory(long offset, int length)
    {
        CheckRange(offset, length);
        return new SegmentMemory(this, offset, length).Memory;
    }

    /// <summary>Copies bytes out of the segment by a system call. Truncation by another process cannot cause a crash.</summary>
    /// <param name="offset">The offset of the first byte, 0 or more.</param>
    /// <param name="destination">The buffer to fill.</param>
    /// <returns>The number of bytes read; fewer than requested at the end of the segment.</returns>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public int Read(long offset, Span<byte> destination) => RandomAccess.Read(_file, destination, offset);

    /// <summary>
    /// Copies bytes into the segment by a system call, and extends the segment if needed. Truncation by another process cannot cause a crash.
    /// </summary>
    /// <remarks>
    /// If <paramref name="offset"/> lies beyond the end of the segment, the bytes in between are not backed by memory: see <see cref="EnsureLength"/>.
    /// </remarks>
    /// <param name="offset">The offset of the first byte, 0 or more.</param>
    /// <param name="source">The bytes to write.</param>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="offset"/> is negative, or the bytes end beyond <see cref="MaxLength"/>.</exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm has too little room.</exception>
    /// <exception cref="PosixException"><see cref="PosixError.TooLarge"/>: the bytes end beyond the file size limit of this process (<c>ulimit -f</c>).</exception>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, MaxLength - source.Length);

        // Required even if the segment is long enough: the kernel checks where a write ends, not whether the file becomes longer.
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

    /// <summary>Tries to lock one byte of the segment exclusively, until the lock is disposed or the process ends.</summary>
    /// <param name="position">The position of the byte, 0 or more. The byte need not exist.</param>
    /// <returns>Null if the lock is already held.</returns>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    internal SegmentLock? TryLock(long position)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return SegmentLock.TryTake(_file, Label, position);
    }

    /// <summary>Whether a process, including this one, holds the lock on that byte.</summary>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    internal bool IsLocked(long position)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return SegmentLock.IsHeldByAnother(_file, Label, position);
    }

    /// <summary>Unmaps the segment in this process. The name and the bytes remain: see <see cref="Delete"/>.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _range.Dispose();
        _file.Dispose();
    }

    /// <summary>Keeps the segment mapped, even after <see cref="Dispose"/>, until <see cref="RemoveReference"/>.</summary>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    internal void AddReference()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        bool added = false;
        _range.DangerousAddRef(ref added);
    }

    /// <summary>Reverses one <see cref="AddReference"/>.</summary>
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
                    $"Cannot access {length:N0} bytes at offset {offset:N0} of '{Label}': it has {status.Length:N0} bytes, of which the first {_knownLength:N0} are "
                    + "mapped and backed by memory. Extend it with EnsureLength.");
            }
        }
    }
}
