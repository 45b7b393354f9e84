// Asks for one file and saves it to the current directory:
//   dotnet run --project samples/Requester -- apple.jpg
// The responder may start earlier or later.
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Chappe.Exchange;

[assembly: SupportedOSPlatform("linux")]

string name = args.Length > 0 ? args[0] : "apple.jpg";

// Disposing the requester removes its channel from /dev/shm, so Ctrl+C cancels the request instead of ending the process.
using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});

try
{
    using Requester requester = Requester.Create("sample");
    using Response response = await requester.RequestAsync(name, stop.Token);
    Console.WriteLine($"{name}: {response.Length} bytes, {response.MediaType ?? "no media type"}");
    await using FileStream file = File.Create(Path.GetFileName(name));
    await response.AsStream().CopyToAsync(file, stop.Token);
    return 0;
}
catch (Exception exception) when (exception is IOException or TimeoutException or OperationCanceledException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
