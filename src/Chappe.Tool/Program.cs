using System.Text;
using Chappe.Tool;
using Microsoft.Win32.SafeHandles;

// Loads what names the limit while there are descriptors left to load it.
_ = Chappe.Posix.ProcessLimits.OpenFiles;

try
{
    return await CommandLine.RunAsync(args);
}
catch (Exception exception)
{
    // Not by Console, which may be what could not be loaded.
    string message = Failure.OfProcess(exception) is { } sentence ? $"chappe: {sentence}" : $"Unhandled exception: {exception}";
    using var handle = new SafeFileHandle(2, ownsHandle: false);
    using var errors = new FileStream(handle, FileAccess.Write, bufferSize: 0);
    errors.Write(Encoding.UTF8.GetBytes(message + "\n"));
    return ExitCode.ExchangeFailed;
}
