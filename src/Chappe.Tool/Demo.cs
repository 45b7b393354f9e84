using System.Security.Cryptography;
using Chappe.Exchange;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary>Plays the server against a client process of its own and shows what happened.</summary>
internal sealed class Demo(int? count, string directory, bool json)
{
    private readonly Messages _messages = new(Terminal.StandardError());

    public async Task<int> RunAsync()
    {
        if (FindPictures() is not { } pictures)
        {
            _messages.Error($"The sample pictures are missing: there is no directory {Path.Combine("samples", "images")} beside the program or here.");
            return ExitCode.ExchangeFailed;
        }

        // The process id tells whose channel it is; the rest keeps it apart from that of the same id in another container.
        ChannelName channel = $"demo-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
        var standardOutput = Terminal.StandardOutput();
        IExchangeOutput output = json ? new JsonOutput(Console.OpenStandardOutput()) : new TextOutput(standardOutput, _messages);
        var plan = new ServerPlan { Channel = channel, Names = [], Count = count, Destination = new ReceivedFiles(directory) };
        var server = new Server(plan, output, _messages) { HowToStartAClient = null };

        int exitCode = await RunAsync(server, channel, pictures);
        if (server.Totals.Succeeded > 0)
        {
            (json ? _messages.Console : standardOutput).Write(TotalsTable.Create(server.Totals));
        }

        if (!json && server.LastImage is { } image && Terminal.ShowsPictures(standardOutput)
            && TerminalPicture.FromFile(image, standardOutput.Profile.Width) is { } picture)
        {
            standardOutput.Write(picture);
            standardOutput.MarkupLine($"[grey]{Markup.Escape(DisplayText.Safe(image))}[/]");
        }

        return exitCode;
    }

    private async Task<int> RunAsync(Server server, ChannelName channel, string pictures)
    {
        using var interruption = new Interruption();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interruption.Token);
        await using var client = new ClientProcess(["client", pictures, "--channel", channel.Name, "--json", ClientCommand.UntilInputEnds]);

        int exitCode = server.Run(stop.Token, channelStands: () =>
        {
            client.Start(ended: stop.Cancel);
            _messages.Notice($"Process {client.Id} serves {pictures}; this one, process {Environment.ProcessId}, asks it on channel {channel}.");
        });
        if (exitCode == ExitCode.Interrupted && !interruption.Token.IsCancellationRequested)
        {
            _messages.Error($"The client process ended too early. {await client.EndAsync()}");
            return ExitCode.ExchangeFailed;
        }

        return exitCode;
    }

    private static string? FindPictures()
    {
        string[] places = [Path.Combine(AppContext.BaseDirectory, "samples", "images"), Path.Combine("samples", "images")];
        return places.FirstOrDefault(Directory.Exists);
    }
}
