using Chappe.Exchange;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Tool;

/// <summary>Writes payloads to standard output, and detects a reader that has gone.</summary>
internal sealed class StandardOutput(Messages messages) : IPayloadDestination
{
    /// <summary>The name of standard output on the command line.</summary>
    public const string FileName = "-";

    private const int Descriptor = 1;
    private const int BrokenPipe = 32;

    /// <summary>Opens standard output so that writing to a pipe without a reader throws, see <see cref="IsBrokenPipe"/>.</summary>
    /// <remarks>
    /// The console's stream treats a broken pipe as success. A file stream does not, but it writes to a regular file at its own offset, and the next
    /// command of a shell, which shares the descriptor, would overwrite that. A regular file cannot break, so the console's stream serves for it.
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
            messages.Notice($"{asked} arrived as pixels: {header.Width} × {header.Height} × {header.Channels}, packed rows from top to bottom.");
        }

        return null;
    }
}
