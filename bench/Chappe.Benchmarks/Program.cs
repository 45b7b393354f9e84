using Chappe.Benchmarks;

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

try
{
    Results results = new Harness(options).Run();
    if (options.Charts is { } directory)
    {
        Charts.Draw(results, directory);
    }

    Console.Write(options.IsJson ? JsonReport.Of(results) : Report.Of(results, options));
    return Report.AllHold(results, options) ? 0 : 1;
}
finally
{
    NetMqContender.CleanUp();
    TestFiles.RemoveAll();
}
