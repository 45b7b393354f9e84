using System.Text;
using Chappe.Tool;
using Microsoft.Win32.SafeHandles;

// The runtime keeps two descriptors for each assembly, and ends the process if it has none left for a thread: no exception, and the channel's names stay. The
// largest command, demo, was seen to need between 80 and 90.
const int FewestOpenFiles = 128;

if (Chappe.Posix.ProcessLimits.OpenFiles < FewestOpenFiles)
{
    WriteError($"chappe: The limit on open files of this process is {Chappe.Posix.ProcessLimits.OpenFiles} (ulimit -n), but chappe needs {FewestOpenFiles}. Raise it, for example: ulimit -n 1024");
    return ExitCode.ExchangeFailed;
}

try
{
    return await CommandLine.RunAsync(args);
}
catch (Exception exception)
{
    WriteError(Failure.OfProcess(exception) is { } sentence ? $"chappe: {sentence}" : $"Unhandled exception: {exception}");
    return ExitCode.ExchangeFailed;
}

// Not by Console, which may be what could not be loaded.
static void WriteError(string message)
{
    using var handle = new SafeFileHandle(2, ownsHandle: false);
    using var errors = new FileStream(handle, FileAccess.Write, bufferSize: 0);
    errors.Write(Encoding.UTF8.GetBytes(message + "\n"));
}
