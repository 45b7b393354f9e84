// Serves the files of a directory until Ctrl+C:
//   dotnet run --project samples/Responder -- samples/images
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Chappe.Exchange;

[assembly: SupportedOSPlatform("linux")]

// Ctrl+C stops the responder after the request in hand.
using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});

try
{
    using var directory = new FileDirectory(args.Length > 0 ? args[0] : ".");
    await using Responder responder = await Responder.OpenAsync("sample", cancellationToken: stop.Token);
    await responder.RunAsync(directory, served: r => Console.WriteLine($"{r.Name}: {r.Status}, {r.Header.Length} bytes"), cancellationToken: stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
}
