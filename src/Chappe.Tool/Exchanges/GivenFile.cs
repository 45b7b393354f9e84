using Chappe.Exchange;
using Chappe.Posix;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Tool;

/// <summary>Saves what is received under the one name that the user gave.</summary>
internal sealed class GivenFile(string path) : IPayloadDestination
{
    public string? Prepare()
    {
        if (Directory.Exists(path))
        {
            return $"--output names a directory, {path}: give the file's name too.";
        }

        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Directory.Exists(directory) ? null : $"The directory of --output does not exist: {directory}";
    }

    public string Save(string asked, Response response, ProgressLine progress, CancellationToken cancellationToken)
    {
        // A FIFO or a device is written to: to replace /dev/null by a file would hurt more than this user.
        using SafeFileHandle? special = TryOpenWhatIsNoRegularFile();
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

    private SafeFileHandle? TryOpenWhatIsNoRegularFile()
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
            // It cannot be written to; whether it may be replaced its directory says.
        }
        finally
        {
            opened?.Dispose();
        }

        return null;
    }
}
