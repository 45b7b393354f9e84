using System.Security.Cryptography;
using Chappe.Exchange;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary>Plays the requester against a responder process of its own and shows what happened.</summary>
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
        var plan = new AskPlan { Channel = channel, Names = [], Count = count, Destination = new ReceivedFiles(directory) };
        var requester = new AskSession(plan, output, _messages) { HowToStartAResponder = null };

        int exitCode = await RunAsync(requester, channel, pictures);
        if (requester.Totals.Succeeded > 0)
        {
            (json ? _messages.Console : standardOutput).Write(TotalsTable.Create(requester.Totals));
        }

        if (!json && requester.LastImage is { } image && Terminal.ShowsPictures(standardOutput)
            && TerminalPicture.FromFile(image, standardOutput.Profile.Width) is { } picture)
        {
            standardOutput.Write(picture);
            standardOutput.MarkupLine($"[grey]{Markup.Escape(DisplayText.Safe(image))}[/]");
        }

        return exitCode;
    }

    private async Task<int> RunAsync(AskSession requester, ChannelName channel, string pictures)
    {
        using var interruption = new Interruption();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interruption.Token);
        await using var responder = new ResponderProcess(["serve", pictures, "--channel", channel.Name, "--json", ServeCommand.UntilInputEnds]);

        int exitCode = requester.Run(stop.Token, channelStands: () =>
        {
            responder.Start(ended: stop.Cancel);
            _messages.Notice($"Process {responder.Id} serves {pictures}; this one, process {Environment.ProcessId}, asks it on channel {channel}.");
        });
        if (exitCode == ExitCode.Interrupted && !interruption.Token.IsCancellationRequested)
        {
            _messages.Error($"The responder process ended too early. {await responder.EndAsync()}");
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
