using System.CommandLine;
using Chappe.Exchange;
using Chappe.Images;

namespace Chappe.Tool;

/// <summary><c>chappe serve</c>: answers a channel's requests with the files of a directory.</summary>
internal sealed class ServeCommand : ToolCommand
{
    /// <summary>For the demo, whose responder must end with it whatever ends it: a pipe closes even at SIGKILL.</summary>
    public const string UntilInputEnds = "--until-input-ends";

    private readonly Argument<string?> _directory = new("DIR")
    {
        Description = "The directory to serve; the current one if it is not given.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _channel = CommonOptions.Channel();
    private readonly Option<string> _send = CommonOptions.Choice(
        "--send",
        "What to send where the requester leaves it open: the file as it is stored, the decoded pixels, or (auto) "
            + "the file to a requester that can be told what it is and pixels to one that cannot.",
        "auto",
        "auto",
        "file",
        "pixels");

    private readonly Option<int?> _count = CommonOptions.Count("End after this many requests. Without it, serve until Ctrl+C.");
    private readonly Option<long[]> _owners = AccessOptions.Owners();
    private readonly Option<bool> _untrusted = AccessOptions.Untrusted("requester");
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly Option<bool> _untilInputEnds = new(UntilInputEnds) { Hidden = true };

    public ServeCommand()
        : base("serve", "Serve the files of a directory to a requester.")
    {
        Aliases.Add("client");
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

    public override string Examples =>
        """
        chappe serve                              serve the current directory until Ctrl+C
        chappe serve pictures -c camera           another directory, another channel
        chappe serve pictures --send pixels       decode what the requester leaves open
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
        var responder = new ServeSession(
            channel, parsed.GetValue(_directory) ?? ".", SendPreferenceOf(parsed.GetRequiredValue(_send)), parsed.GetValue(_count), options, output, messages);

        using var interruption = new Interruption();
        if (!parsed.GetValue(_untilInputEnds))
        {
            return await responder.RunAsync(interruption.Token);
        }

        using var input = new InputWatch(interruption.Token);
        int exitCode = await responder.RunAsync(input.Token);
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
