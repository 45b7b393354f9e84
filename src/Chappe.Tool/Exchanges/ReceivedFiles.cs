using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>Saves payloads in a directory, under names derived from the requested ones.</summary>
internal sealed class ReceivedFiles(string directory) : IPayloadDestination
{
    private readonly Dictionary<string, string> _askedByFile = [];

    public string? Prepare()
    {
        try
        {
            Directory.CreateDirectory(directory);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"Cannot create the directory given by --out: {exception.Message}";
        }
    }

    public string Save(string asked, Response response, ProgressLine progress, CancellationToken cancellationToken)
    {
        if (response.Kind == PayloadKind.Pixels)
        {
            string fileName = ReceivedName.ForPixels(asked);
            return Save(asked, fileName, path => PayloadWriter.WritePixels(response, path, Path.GetExtension(fileName)));
        }

        string? extension = response.MediaType is { } mediaType ? MediaTypes.ToExtension(mediaType) : null;
        return Save(asked, ReceivedName.ForBytes(asked, extension), path => PayloadWriter.WriteBytes(response, path, progress, cancellationToken));
    }

    /// <summary>Has <paramref name="write"/> fill a new file, which then replaces any existing file of its name.</summary>
    internal string Save(string asked, string fileName, Action<string> write)
    {
        string path = Path.Combine(directory, Claim(asked, fileName));
        WholeFile.Write(path, write);
        return path;
    }

    /// <summary>Finds a file name that no other requested name uses: a/x.jpg and b/x.jpg become x.jpg and x-2.jpg.</summary>
    private string Claim(string asked, string fileName)
    {
        for (int number = 1; ; number++)
        {
            string candidate = number == 1 ? fileName : ReceivedName.Numbered(fileName, number);
            if (_askedByFile.TryAdd(candidate, asked) || _askedByFile[candidate] == asked)
            {
                return candidate;
            }
        }
    }
}
