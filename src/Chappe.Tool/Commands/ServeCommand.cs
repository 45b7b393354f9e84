using System.CommandLine;
using Chappe.Exchange;
using Chappe.Images;

namespace Chappe.Tool;

/// <summary><c>chappe serve</c>: answers a channel's requests with the files of a directory.</summary>
internal sealed class ServeCommand : ToolCommand
{
    /// <summary>The name that the system which Chappe follows gives to the side that answers.</summary>
    public const string Alias = "client";

    /// <summary>Ends the demo's responder with the demo, even one that is killed: SIGKILL closes a pipe, too.</summary>
    public const string UntilInputEnds = "--until-input-ends";

    private readonly Argument<string?> _directory = new("DIR")
    {
        Description = "The directory to serve. Default: the current directory.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _channel = CommonOptions.Channel();
    private readonly Option<string> _send = CommonOptions.Choice(
        "--send",
        "What to send to a requester that accepts either: the stored file, the decoded pixels, or (auto) "
            + "the file at the extended level and pixels at the basic level, which has no media types.",
        "auto",
        "auto",
        "file",
        "pixels");

    private readonly Option<int?> _count = CommonOptions.Count("End after this many requests. Default: serve until Ctrl+C.");
    private readonly Option<long[]> _owners = AccessOptions.Owners();
    private readonly Option<bool> _untrusted = AccessOptions.Untrusted("requester");
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly Option<bool> _untilInputEnds = new(UntilInputEnds) { Hidden = true };

    public ServeCommand(string name = "serve")
        : base(name, "Answer requests with the files of a directory.")
    {
        _directory.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } directory && !Directory.Exists(directory))
            {
                result.AddError($"There is no directory {directory}.");
            }
        });
        Arguments.Add(_directory);
        foreach (Option option in new Option[] { _channel, _send, _count, _owners, _untrusted, _json, _untilInputEnds })
        {
            Options.Add(option);
        }

        SetAction((parsed, _) => RunAsync(parsed));
    }

    public override string Details => $"{Interruption.Help} chappe {Alias} is the same command.";

    public override string Examples =>
        """
        chappe serve                              serve the current directory until Ctrl+C
        chappe serve pictures -c camera           another directory, another channel
        chappe serve pictures --send pixels       send decoded pixels where either is accepted
        chappe serve pictures --count 10 --json   ten requests, for another program to read
        """;

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var messages = new Messages(Terminal.StandardError());
        IExchangeOutput output = parsed.GetValue(_json) ? new JsonOutput(Console.OpenStandardOutput()) : new TextOutput(Terminal.StandardOutput(), messages);
        ChannelName channel = parsed.GetRequiredValue(_channel);
        var options = new ResponderOptions
        {
            MaxPayloadLength = CommonOptions.MaxPayloadLength,
            AllowedOwners = parsed.GetValue(_owners) ?? [],
            Trust = AccessOptions.TrustOf(parsed.GetValue(_untrusted)),
        };
        var session = new ServeSession(
            channel, parsed.GetValue(_directory) ?? ".", SendPreferenceOf(parsed.GetRequiredValue(_send)), parsed.GetValue(_count), options, output, messages);

        using var interruption = new Interruption();
        if (!parsed.GetValue(_untilInputEnds))
        {
            return await session.RunAsync(interruption.Token);
        }

        using var input = new InputWatch(interruption.Token);
        int exitCode = await session.RunAsync(input.Token);
        if (input.Ended)
        {
            OrphanedChannel.Remove(channel);
        }

        return exitCode;
    }

    private static SendPreference SendPreferenceOf(string send) => send switch
    {
        "file" => SendPreference.File,
        "pixels" => SendPreference.Pixels,
        _ => SendPreference.Auto,
    };
}
