using Chappe.Exchange;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Tool;

/// <summary>Standard output for bytes, where it matters that the reader has gone away.</summary>
internal sealed class StandardOutput(Messages messages) : IPayloadDestination
{
    /// <summary>How a shell names it.</summary>
    public const string FileName = "-";

    private const int Descriptor = 1;
    private const int BrokenPipe = 32;

    /// <summary>Opens it so that writing to a pipe that nobody reads any more throws, see <see cref="IsBrokenPipe"/>.</summary>
    /// <remarks>
    /// The console's stream takes a broken pipe for success. A file stream does not, but it writes to a regular file at an offset of its own,
    /// which whoever shares the descriptor, such as the next command of a shell, does not see; a regular file cannot break.
    /// </remarks>
    public static Stream Open()
    {
        var stream = new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }

    public static bool IsBrokenPipe(Exception exception) => exception is IOException { HResult: BrokenPipe };

    public string? Prepare() => null;

    public string? Save(string asked, Response response, ProgressLine progress, CancellationToken cancellationToken)
    {
        using Stream stream = Open();
        PayloadWriter.WriteBytes(response, stream, progress, cancellationToken);
        if (response.Kind == PayloadKind.Pixels)
        {
            ResponseHeader header = response.Header;
            messages.Notice($"{asked} came as pixels: {header.Width} × {header.Height} × {header.Channels}, rows packed, the top one first.");
        }

        return null;
    }
}
