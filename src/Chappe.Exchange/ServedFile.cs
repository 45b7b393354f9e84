using Chappe.Posix;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Exchange;

/// <summary>A regular file below a <see cref="FileDirectory"/>'s root, open for reading.</summary>
public sealed class ServedFile : IDisposable
{
    /// <summary>How much one read may bring: a read of more than 2 GiB returns short (read(2)).</summary>
    private const int LargestRead = 1 << 30;

    private readonly FileStatus _status;

    internal ServedFile(string name, SafeFileHandle handle, in FileStatus status)
    {
        Name = name;
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
    public string? MediaType => MediaTypes.FromName(Name);

    /// <summary>Reads the whole file into the segment and answers with it.</summary>
    /// <param name="request">The request to answer.</param>
    /// <param name="width">The width of an image, 0 for what is none.</param>
    /// <param name="height">The height of an image.</param>
    /// <param name="channels">The samples per pixel of an image.</param>
    /// <param name="mediaType">The media type, if it is known better than by the name's extension.</param>
    /// <exception cref="RequestFailedException"><see cref="ResponseStatus.Unreadable"/>: it changed while it was read, or cannot be read.</exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm has no room. Let it pass and the answer is <see cref="ResponseStatus.NoSpace"/>.</exception>
    public void Send(Request request, long width = 0, long height = 0, long channels = 0, string? mediaType = null)
    {
        ReadInto(request);
        ThrowIfChanged();
        request.Complete(new ResponseHeader(Length, width, height, channels), PayloadKind.File, mediaType ?? MediaType);
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private unsafe void ReadInto(Request request)
    {
        byte* destination = request.GetPointer(Length);
        try
        {
            for (long offset = 0; offset < Length;)
            {
                var span = new Span<byte>(destination + offset, (int)Math.Min(LargestRead, Length - offset));
                int read = RandomAccess.Read(Handle, span, offset);
                if (read == 0)
                {
                    throw Changed();
                }

                offset += read;
            }
        }
        catch (Exception exception) when (exception is IOException and not RequestFailedException or UnauthorizedAccessException)
        {
            throw new RequestFailedException(ResponseStatus.Unreadable, $"The client cannot read '{Name}' whole.", exception);
        }
    }

    /// <summary>What was written to meanwhile is a mixture of two files.</summary>
    private void ThrowIfChanged()
    {
        FileStatus now = FileStatus.Of(Handle);
        if (now.Length != _status.Length || now.ModifiedNanoseconds != _status.ModifiedNanoseconds)
        {
            throw Changed();
        }
    }

    private RequestFailedException Changed() => new(ResponseStatus.Unreadable, $"'{Name}' changed while it was read: ask again.");
}
