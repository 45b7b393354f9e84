using System.CommandLine;

namespace Chappe.Tool;

/// <summary><c>chappe remove</c>: deletes what a dead requester left of a channel.</summary>
internal sealed class RemoveCommand : ToolCommand
{
    private readonly Argument<string> _channel = new("CHANNEL") { Description = "The channel to remove; chappe list shows all.", HelpName = "CHANNEL" };
    private readonly Option<bool> _force = new("--force")
    {
        Description = "Also remove a channel whose requester may be alive (basic level, or incomplete), or is alive: "
            + "a live requester recreates its channel with the next request that no responder takes.",
    };

    private readonly Option<bool> _json = CommonOptions.Json("channel");

    public RemoveCommand()
        : base("remove", "Delete what a dead requester left.")
    {
        _channel.CompletionSources.Add(_ => CommonOptions.ChannelNames());
        _channel.Validators.Add(result =>
        {
            if (CommonOptions.DescribeWrongChannel("CHANNEL", result.GetValueOrDefault<string>()) is { } problem)
            {
                result.AddError(problem);
            }
        });
        Arguments.Add(_channel);
        Options.Add(_force);
        Options.Add(_json);
        SetAction(Run);
    }

    public override string Details => "Refuses a channel whose requester is alive or may be alive.";

    public override string Examples =>
        """
        chappe remove camera           delete what its dead requester left
        chappe remove camera --force   even if its requester may be alive
        """;

    private int Run(ParseResult parsed)
    {
        var messages = new Messages(Terminal.StandardError());
        RemovalRecord removal = RemovalRecord.Try(parsed.GetRequiredValue(_channel), parsed.GetValue(_force));
        if (parsed.GetValue(_json))
        {
            JsonLines.Write(Console.OpenStandardOutput(), [removal], JsonLines.Types.RemovalRecord);
        }
        else if (removal.Ok)
        {
            Console.Out.WriteLine(DisplayText.Safe($"Removed channel {removal.Channel}: {string.Join(", ", removal.Removed)}"));
        }

        if (!removal.Ok)
        {
            messages.Error(removal.Message!);
        }
        else if (removal.Message is not null)
        {
            messages.Notice(removal.Message);
        }

        return removal.Ok ? ExitCode.Success : ExitCode.NotRemoved;
    }
}
