using System.Security.Cryptography;
using Chappe.Exchange;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary>Starts a responder process, asks it for pictures and shows the exchanges.</summary>
internal sealed class Demo(int? count, string directory, bool json)
{
    private readonly Messages _messages = new(Terminal.StandardError());

    public async Task<int> RunAsync()
    {
        if (FindPictures() is not { } pictures)
        {
            _messages.Error($"The sample pictures are missing: found no directory {Path.Combine("samples", "images")} beside the program or in the current directory.");
            return ExitCode.ExchangeFailed;
        }

        // The process id names the owner; the random part differs from that of the same id in another container.
        ChannelName channel = $"demo-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
        var standardOutput = Terminal.StandardOutput();
        IExchangeOutput output = json ? new JsonOutput(Console.OpenStandardOutput()) : new TextOutput(standardOutput, _messages);
        var plan = new AskPlan { Channel = channel, Names = [], WarmsUp = true, Count = count, Destination = new ReceivedFiles(directory) };
        var session = new AskSession(plan, output, _messages) { HowToStartAResponder = null };

        int exitCode = await RunAsync(session, channel, pictures);
        if (session.Totals.Succeeded > 0)
        {
            (json ? _messages.Console : standardOutput).Write(TotalsTable.Create(session.Totals));
        }

        if (!json && session.LastImage is { } image && Terminal.ShowsPictures(standardOutput)
            && TerminalPicture.FromFile(image, standardOutput.Profile.Width) is { } picture)
        {
            standardOutput.Write(picture);
            standardOutput.MarkupLine($"[grey]{Markup.Escape(DisplayText.Safe(image))}[/]");
        }

        return exitCode;
    }

    private async Task<int> RunAsync(AskSession session, ChannelName channel, string pictures)
    {
        using var interruption = new Interruption();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interruption.Token);
        await using var responder = new ResponderProcess(["serve", pictures, "--channel", channel.Name, "--json", ServeCommand.UntilInputEnds]);

        int exitCode = session.Run(stop.Token, created: () =>
        {
            responder.Start(ended: stop.Cancel);
            _messages.Notice($"Process {responder.Id} serves {pictures}. Process {Environment.ProcessId} asks it on channel {channel}: for each picture once, uncounted, then for these:");
        });
        if (exitCode == ExitCode.Interrupted && !interruption.Token.IsCancellationRequested)
        {
            _messages.Error($"The responder process ended before the demo did. {await responder.EndAsync()}");
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
