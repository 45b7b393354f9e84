// Asks for one file and saves it in the current directory:  dotnet run --project samples/Requester -- apple.jpg
// The responder may be started before or after.
using System.Runtime.Versioning;
using Chappe.Exchange;

[assembly: SupportedOSPlatform("linux")]

string name = args.Length > 0 ? args[0] : "apple.jpg";
using Requester requester = Requester.Create("sample");
using Response response = await requester.RequestAsync(name);

ResponseHeader header = response.Header;
Console.WriteLine($"{name}: {header.Length} bytes, {header.Width} × {header.Height} × {header.Channels}, {response.MediaType ?? "no media type"}");

await using FileStream file = File.Create(Path.GetFileName(name));
await response.AsStream().CopyToAsync(file);
