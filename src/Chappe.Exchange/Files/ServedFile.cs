using Chappe.Posix;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Exchange;

/// <summary>A regular file of a <see cref="FileDirectory"/>, open for reading.</summary>
public sealed class ServedFile : IDisposable
{
    /// <summary>The largest read. The system shortens reads of more than 2 GiB (read(2)).</summary>
    private const int LargestRead = 1 << 30;

    /// <summary>The size of one piece of a streamed response. It fits into a second-level cache, where the requester still finds it.</summary>
    private const int StreamedRead = 256 << 10;

    /// <summary>Shorter files gain nothing from streaming.</summary>
    private const int ShortestStreamed = 1 << 20;

    private readonly FileStatus _status;

    private readonly Lock _gate = new();

    /// <summary>The number of callers that have not disposed the file.</summary>
    private int _users = 1;
    private bool _isKept;

    internal ServedFile(string name, SafeFileHandle handle, in FileStatus status)
    {
        Name = name;
        MediaType = MediaTypes.FromName(name);
        Handle = handle;
        _status = status;
    }

    /// <summary>The full name: <c>apple.jpg</c> if the request was for <c>apple</c>.</summary>
    public string Name { get; }

    /// <summary>The length in bytes when the file was opened.</summary>
    public long Length => _status.Length;

    /// <summary>The open file.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>The media type for the name's extension; null if it is unknown.</summary>
    public string? MediaType { get; }

    /// <summary>Reads the file into the data segment and completes the request.</summary>
    /// <param name="request">The request to answer.</param>
    /// <param name="width">The width of an image in pixels; 0 for other files.</param>
    /// <param name="height">The height of an image in pixels; 0 for other files.</param>
    /// <param name="channels">The samples per pixel of an image; 0 for other files.</param>
    /// <param name="mediaType">The media type; null for that of <see cref="MediaType"/>.</param>
    /// <exception cref="RequestFailedException"><see cref="ResponseStatus.Unreadable"/>: the file changed during the read, or cannot be read.</exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm is full. If the handler does not catch the exception, the response has the status <see cref="ResponseStatus.NoSpace"/>.</exception>
    public unsafe void Send(Request request, long width = 0, long height = 0, long channels = 0, string? mediaType = null)
    {
        var header = new ResponseHeader(Length, width, height, channels);
        byte* room = request.GetPointer(Length);
        if (Length >= ShortestStreamed && request.MayStream)
        {
            request.Start(header, PayloadKind.File, mediaType ?? MediaType);
            Read(room, StreamedRead, streamed: request);
            ThrowIfChanged();
            request.Complete();
        }
        else
        {
            Read(room, LargestRead, streamed: null);
            ThrowIfChanged();
            request.Complete(header, PayloadKind.File, mediaType ?? MediaType);
        }
    }

    /// <summary>Releases the file. The directory may keep it open for later requests.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            // A second Dispose must not close a file that the directory keeps open.
            _users = Math.Max(0, _users - 1);
            CloseIfUnused();
        }
    }

    /// <summary>Whether the status belongs to the file that was opened, with unchanged contents and permissions.</summary>
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

    /// <param name="room">The destination.</param>
    /// <param name="atMost">The largest read in bytes.</param>
    /// <param name="streamed">The request whose streamed response advances after each read; null if the response is not streamed.</param>
    private unsafe void Read(byte* room, int atMost, Request? streamed)
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
                if (streamed?.Advance(offset) == false)
                {
                    throw new RequestFailedException(ResponseStatus.Cancelled, "The request was withdrawn.");
                }
            }
        }
        catch (Exception exception) when (exception is IOException and not RequestFailedException or UnauthorizedAccessException)
        {
            throw new RequestFailedException(ResponseStatus.Unreadable, $"The responder cannot read all of '{Name}'.", exception);
        }
    }

    /// <summary>A file that was written during the read may be a mixture of two versions.</summary>
    private void ThrowIfChanged()
    {
        if (!HasContentsOf(FileStatus.Of(Handle)))
        {
            throw Changed();
        }
    }

    private RequestFailedException Changed() => new(ResponseStatus.Unreadable, $"'{Name}' changed while it was read. Request it again.");
}
