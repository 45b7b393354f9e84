using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Chappe.Benchmarks;
using Chappe.Exchange;
using Chappe.Posix;

if (args is [PeerProcess.Verb, .. string[] rest])
{
    Peer.Run(rest);
    return 0;
}

if (args is ["--help"])
{
    Console.WriteLine(Options.Usage);
    return 0;
}

Options options;
try
{
    options = Options.Parse(args);
}
catch (Exception exception) when (exception is ArgumentException or FormatException)
{
    Console.Error.WriteLine($"{exception.Message}\n\n{Options.Usage}");
    return 2;
}

foreach (Type measured in (Type[])[typeof(NamedSemaphore), typeof(Requester), typeof(Program)])
{
    if (measured.Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true })
    {
        Console.Error.WriteLine($"{measured.Assembly.GetName().Name} was built without optimization: measure with -c Release.");
        return 2;
    }
}

static void CleanUp()
{
    TestFiles.RemoveAll();
    Names.RemoveAll();
}

static void EndAtSignal(PosixSignalContext signal)
{
    CleanUp();
    Environment.Exit(128 + (signal.Signal == PosixSignal.SIGINT ? 2 : 15));
}

using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, EndAtSignal);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, EndAtSignal);
try
{
    Results results = new Harness(options).Run();
    if (options.Charts is { } directory)
    {
        Charts.Draw(results, directory);
    }

    if (options.Docs is { } document)
    {
        MarkdownReport.WriteInto(document, results, options);
    }

    Console.Write(options.IsJson ? JsonReport.Of(results) : Report.Of(results, options));
    return Report.AllHold(results, options) ? 0 : 1;
}
finally
{
    NetMqContender.CleanUp();
    CleanUp();
}
