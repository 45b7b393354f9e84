using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>Saves what is received to one directory: under a temporary name first, under its own once it is whole.</summary>
internal sealed class ReceivedFiles(string directory)
{
    private readonly Dictionary<string, string> _askedByFile = [];

    /// <summary>Saves a response and returns the file's path.</summary>
    /// <param name="asked">The name that was asked for.</param>
    /// <param name="response">What was received.</param>
    /// <param name="progress">Told how many bytes have been written.</param>
    /// <param name="cancellationToken">Stops between two chunks; nothing is left behind.</param>
    public string Save(string asked, Response response, SavingProgress progress, CancellationToken cancellationToken)
    {
        if (response.Kind == PayloadKind.Pixels)
        {
            string fileName = ReceivedName.ForPixels(asked);
            return Save(asked, fileName, path => PayloadWriter.WritePixels(response, path, Path.GetExtension(fileName)));
        }

        string? extension = response.MediaType is { } mediaType ? MediaTypes.ToExtension(mediaType) : null;
        return Save(asked, ReceivedName.ForBytes(asked, extension), path => PayloadWriter.WriteBytes(response, path, progress, cancellationToken));
    }

    /// <summary>Lets <paramref name="write"/> fill a new file, then gives it its name, replacing what has it.</summary>
    internal string Save(string asked, string fileName, Action<string> write)
    {
        string path = Path.Combine(directory, Claim(asked, fileName));
        string temporary = Path.Combine(directory, $".chappe-{Guid.NewGuid():N}.part");
        try
        {
            write(temporary);

            // rename(2) replaces a symbolic link instead of writing to where it points.
            File.Move(temporary, path, overwrite: true);
            return path;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Keeps two names apart that would be saved under the same one: a/x.jpg and b/x.jpg become x.jpg and x-2.jpg.</summary>
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
