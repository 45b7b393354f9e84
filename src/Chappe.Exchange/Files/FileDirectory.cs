using System.Runtime.CompilerServices;
using System.Text;
using Chappe.Posix;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Exchange;

/// <summary>Serves the files of a directory, unchanged. Files outside the directory are not accessible.</summary>
/// <remarks>
/// A name is the path of a regular file relative to the directory. The extension may be omitted if only one file matches (<c>apple</c> for <c>apple.jpg</c>).
/// A path with <c>..</c>, an absolute path, and a symbolic link that leads outside are refused.
/// </remarks>
public sealed class FileDirectory : IRequestHandler, IDisposable
{
    /// <summary>In UTF-16 code units. Longer names bypass the cache.</summary>
    private const int LongestCachedName = 512;

    private readonly ConfinedDirectory _directory;
    private readonly ServedFileCache _cache;

    /// <summary>Opens the directory to serve.</summary>
    /// <exception cref="PosixException">The directory does not exist, or the path is not a directory.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    public FileDirectory(string path)
    {
        _directory = new ConfinedDirectory(path);
        _cache = new ServedFileCache(_directory);
    }

    /// <summary>The directory's full path.</summary>
    public string Path => _directory.Path;

    /// <summary>Returns the names of the files directly in the directory, sorted. Hidden files, whose names begin with a dot, are omitted.</summary>
    /// <exception cref="RequestFailedException"><see cref="ResponseStatus.Unreadable"/>: the directory cannot be read.</exception>
    public IReadOnlyList<string> List()
    {
        string[] names = [.. EnumerateFiles("").Where(name => name[0] != '.')];
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    /// <summary>Opens the file with a name.</summary>
    /// <exception cref="RequestFailedException">There is no such file, more than one file matches, or the file cannot be read. <see cref="RequestFailedException.Status"/> has the reason.</exception>
    public ServedFile Open(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0 || name.Contains('\0'))
        {
            throw new RequestFailedException(ResponseStatus.InvalidName, name.Length == 0 ? "The name is empty." : "The name contains a NUL character.");
        }

        return TryOpen(name, out RequestFailedException? failure)
            ?? TryOpen(OnlyFileWithStem(name) ?? throw failure!, out failure)
            ?? throw failure!;
    }

    /// <summary>Opens the file that a request asks for.</summary>
    /// <inheritdoc cref="Open(string)"/>
    [SkipLocalsInit]
    public ServedFile Open(Request request)
    {
        ReadOnlySpan<byte> bytes = request.NameBytes;
        Span<char> name = stackalloc char[LongestCachedName];
        return bytes.Length <= name.Length && Encoding.UTF8.TryGetChars(bytes, name, out int length) && _cache.Find(name[..length]) is { } file
            ? file
            : Open(request.Name);
    }

    /// <summary>Answers a request for the list of names.</summary>
    public void SendList(Request request)
    {
        byte[] payload = NameList.Format(List());
        payload.CopyTo(request.GetSpan(payload.Length));
        request.Complete(new ResponseHeader(payload.Length), PayloadKind.List);
    }

    /// <inheritdoc/>
    public ValueTask HandleAsync(Request request, CancellationToken cancellationToken)
    {
        switch (request.Kind)
        {
            case RequestKind.List:
                SendList(request);
                break;

            case RequestKind.Pixels:
                throw new RequestFailedException(ResponseStatus.Unsupported, "This responder serves files and does not decode images. Request the file.");

            default:
                using (ServedFile file = Open(request))
                {
                    file.Send(request);
                }

                break;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _directory.Dispose();
    }

    private ServedFile? TryOpen(string name, out RequestFailedException? failure)
    {
        try
        {
            failure = null;
            if (_cache.Find(name) is { } cached)
            {
                return cached;
            }

            SafeFileHandle handle = _directory.OpenFile(name, out FileStatus status);
            var file = new ServedFile(name, handle, status);
            _cache.Keep(file);
            return file;
        }
        catch (UnauthorizedAccessException)
        {
            failure = new RequestFailedException(ResponseStatus.Forbidden, $"The responder may not read '{name}'.");
        }
        catch (PosixException exception) when (exception.Error is PosixError.NotFound or PosixError.InvalidObject)
        {
            failure = exception.Error == PosixError.NotFound
                ? new RequestFailedException(ResponseStatus.NotFound, $"There is no file '{name}'.")
                : new RequestFailedException(ResponseStatus.Forbidden, $"'{name}' is not a regular file.");
            return null;
        }
        catch (PosixException exception) when (exception.Error == PosixError.OutsideDirectory)
        {
            failure = new RequestFailedException(ResponseStatus.Forbidden, $"'{name}' is outside the served directory.");
        }
        catch (PosixException exception)
        {
            failure = new RequestFailedException(ResponseStatus.Unreadable, $"The responder cannot read '{name}': {exception.Error}.");
        }

        throw failure;
    }

    private string? OnlyFileWithStem(string name)
    {
        int slash = name.LastIndexOf('/');
        string below = slash < 0 ? "" : name[..slash];
        string stem = name[(slash + 1)..];
        if (stem.Length == 0)
        {
            // An empty stem would match the hidden files of "folder/".
            return null;
        }

        string[] candidates = [.. EnumerateFiles(below).Where(file => System.IO.Path.GetFileNameWithoutExtension(file) == stem)];
        Array.Sort(candidates, StringComparer.Ordinal);
        return candidates.Length switch
        {
            0 => null,
            1 => slash < 0 ? candidates[0] : $"{below}/{candidates[0]}",
            _ => throw new RequestFailedException(ResponseStatus.Ambiguous, $"'{name}' matches {string.Join(", ", candidates)}. Give the full name."),
        };
    }

    private IReadOnlyList<string> EnumerateFiles(string below)
    {
        try
        {
            return [.. _directory.EnumerateFiles(below)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return below.Length > 0 ? [] : throw new RequestFailedException(ResponseStatus.Unreadable, "The responder cannot read its directory.", exception);
        }
    }
}
