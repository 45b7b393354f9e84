using Chappe.Exchange;
using Chappe.Posix;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Tool;

/// <summary>Saves a payload under the path that the user gave.</summary>
internal sealed class GivenFile(string path) : IPayloadDestination
{
    public string? Prepare()
    {
        if (Directory.Exists(path))
        {
            return $"--output is a directory: {path}. Add the name of a file.";
        }

        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Directory.Exists(directory) ? null : $"The directory of --output does not exist: {directory}. Create it first.";
    }

    public string Save(string asked, Response response, ProgressLine progress, CancellationToken cancellationToken)
    {
        // Write to a FIFO or a device: replacing /dev/null with a file would harm every user.
        using SafeFileHandle? special = TryOpenSpecialFile();
        if (special is not null)
        {
            using var stream = new FileStream(special, FileAccess.Write, bufferSize: 0);
            PayloadWriter.WriteBytes(response, stream, progress, cancellationToken);
        }
        else if (response.Kind == PayloadKind.Pixels)
        {
            string extension = Path.GetExtension(ReceivedName.ForPixels(path));
            WholeFile.Write(path, temporary => PayloadWriter.WritePixels(response, temporary, extension));
        }
        else
        {
            WholeFile.Write(path, temporary => PayloadWriter.WriteBytes(response, temporary, progress, cancellationToken));
        }

        return path;
    }

    private SafeFileHandle? TryOpenSpecialFile()
    {
        if (!File.Exists(path))
        {
            return null;
        }

        SafeFileHandle? opened = null;
        try
        {
            opened = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            if (!FileStatus.Of(opened).IsRegularFile)
            {
                return Interlocked.Exchange(ref opened, null);
            }
        }
        catch (UnauthorizedAccessException)
        {
            // Not writable; the permissions of its directory decide whether it can be replaced.
        }
        finally
        {
            opened?.Dispose();
        }

        return null;
    }
}
