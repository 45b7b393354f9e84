using Chappe.Posix;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Exchange;

/// <summary>A regular file below a <see cref="FileDirectory"/>'s root, open for reading.</summary>
public sealed class ServedFile : IDisposable
{
    /// <summary>How much one read may bring: a read of more than 2 GiB returns short (read(2)).</summary>
    private const int LargestRead = 1 << 30;

    /// <summary>How much a requester that reads along has at a time: it finds what fits into a second-level cache still there.</summary>
    private const int StreamedRead = 256 << 10;

    /// <summary>What is shorter is there before a requester that reads along would have noticed.</summary>
    private const int ShortestStreamed = 1 << 20;

    private readonly FileStatus _status;

    private readonly Lock _gate = new();

    /// <summary>Who has opened it and not disposed it.</summary>
    private int _users = 1;
    private bool _isKept;

    internal ServedFile(string name, SafeFileHandle handle, in FileStatus status)
    {
        Name = name;
        MediaType = MediaTypes.FromName(name);
        Handle = handle;
        _status = status;
    }

    /// <summary>The name it was found under: <c>apple.jpg</c> where <c>apple</c> was asked for.</summary>
    public string Name { get; }

    /// <summary>Its length in bytes when it was opened.</summary>
    public long Length => _status.Length;

    /// <summary>The open file.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>The media type by the name's extension; null if it is not known.</summary>
    public string? MediaType { get; }

    /// <summary>Reads the whole file into the segment and answers with it.</summary>
    /// <param name="request">The request to answer.</param>
    /// <param name="width">The width of an image, 0 for what is none.</param>
    /// <param name="height">The height of an image.</param>
    /// <param name="channels">The samples per pixel of an image.</param>
    /// <param name="mediaType">The media type, if it is known better than by the name's extension.</param>
    /// <exception cref="RequestFailedException"><see cref="ResponseStatus.Unreadable"/>: it changed while it was read, or cannot be read.</exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm has no room. Let it pass and the answer is <see cref="ResponseStatus.NoSpace"/>.</exception>
    public unsafe void Send(Request request, long width = 0, long height = 0, long channels = 0, string? mediaType = null)
    {
        var header = new ResponseHeader(Length, width, height, channels);
        byte* room = request.GetPointer(Length);
        if (Length >= ShortestStreamed && request.MayStream)
        {
            request.Start(header, PayloadKind.File, mediaType ?? MediaType);
            Read(room, StreamedRead, whoReadsAlong: request);
            ThrowIfChanged();
            request.Complete();
        }
        else
        {
            Read(room, LargestRead, whoReadsAlong: null);
            ThrowIfChanged();
            request.Complete(header, PayloadKind.File, mediaType ?? MediaType);
        }
    }

    /// <summary>Lets the file go. A directory may keep it open for the next who asks for it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            // Whoever disposes it twice must not close it under the directory that keeps it.
            _users = Math.Max(0, _users - 1);
            CloseIfUnused();
        }
    }

    /// <summary>Whether this is the file that was opened, with the contents and the permissions that it had then.</summary>
    internal bool IsUntouched(in FileStatus status) => status.IsSameFileAs(_status) && status.ChangedNanoseconds == _status.ChangedNanoseconds && HasContentsOf(status);

    private bool HasContentsOf(in FileStatus status) => status.Length == _status.Length && status.ModifiedNanoseconds == _status.ModifiedNanoseconds;

    internal void AddUser()
    {
        lock (_gate)
        {
            _users++;
        }
    }

    internal void Keep()
    {
        lock (_gate)
        {
            _isKept = true;
        }
    }

    internal void StopKeeping()
    {
        lock (_gate)
        {
            _isKept = false;
            CloseIfUnused();
        }
    }

    private void CloseIfUnused()
    {
        if (_users == 0 && !_isKept)
        {
            Handle.Dispose();
        }
    }

    /// <param name="room">Where the file goes.</param>
    /// <param name="atMost">How much one read may bring.</param>
    /// <param name="whoReadsAlong">Whose started answer it is, to be told after each read; null for one in one piece.</param>
    private unsafe void Read(byte* room, int atMost, Request? whoReadsAlong)
    {
        try
        {
            for (long offset = 0; offset < Length;)
            {
                var span = new Span<byte>(room + offset, (int)Math.Min(atMost, Length - offset));
                int read = RandomAccess.Read(Handle, span, offset);
                if (read == 0)
                {
                    throw Changed();
                }

                offset += read;
                if (whoReadsAlong?.Advance(offset) == false)
                {
                    throw new RequestFailedException(ResponseStatus.Cancelled, "The request was withdrawn.");
                }
            }
        }
        catch (Exception exception) when (exception is IOException and not RequestFailedException or UnauthorizedAccessException)
        {
            throw new RequestFailedException(ResponseStatus.Unreadable, $"The responder cannot read '{Name}' whole.", exception);
        }
    }

    /// <summary>What was written to meanwhile is a mixture of two files.</summary>
    private void ThrowIfChanged()
    {
        if (!HasContentsOf(FileStatus.Of(Handle)))
        {
            throw Changed();
        }
    }

    private RequestFailedException Changed() => new(ResponseStatus.Unreadable, $"'{Name}' changed while it was read: ask again.");
}
