using System.CommandLine;

namespace Chappe.Tool;

/// <summary><c>chappe ask</c>: owns a channel, asks for files and saves them.</summary>
internal sealed class AskCommand : ToolCommand
{
    private readonly Argument<string[]> _names = new("NAME")
    {
        Description = "What to ask for, in this order. Without names, the responder's list is asked for, and then ten of its names at random.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string> _channel = CommonOptions.Channel();
    private readonly Option<bool> _random = new("--random") { Description = "Pick from the names at random; none comes again before all have come." };
    private readonly Option<int?> _count = CommonOptions.Count("How many exchanges: 10 at random, each name once in order. Names in order start again from the first.");
    private readonly Option<int?> _seed = CommonOptions.WholeNumber("--seed", "Makes the random choice repeatable.", minimum: 0);
    private readonly Option<string> _want = CommonOptions.Want();
    private readonly Option<string> _out = CommonOptions.Out();
    private readonly Option<double> _timeout = CommonOptions.Timeout("How long each exchange may take, waiting for a responder included; 0 for no limit.");
    private readonly Option<bool> _takeOver = new("--takeover")
    {
        Description = "Replace what a requester that speaks only the basic level left under the channel's names, or still uses: nobody can tell. "
            + "Never takes a channel from a living Chappe requester.",
    };

    private readonly Option<UnixFileMode?> _mode = AccessOptions.Mode();
    private readonly Option<int?> _group = AccessOptions.Group();
    private readonly Option<long[]> _owners = AccessOptions.Owners();
    private readonly Option<bool> _untrusted = AccessOptions.Untrusted("responder");
    private readonly Option<bool> _json = CommonOptions.Json();

    public AskCommand()
        : base("ask", "Ask a responder for files and save them.")
    {
        Aliases.Add("server");
        Validators.Add(result =>
        {
            bool inOrder = result.GetResult(_names) is { Tokens.Count: > 0 } && result.GetResult(_random) is null or { Implicit: true };
            if (inOrder && result.GetResult(_seed) is { Implicit: false })
            {
                result.AddError("--seed needs --random when names are given: without it they are asked for in order.");
            }
        });
        Arguments.Add(_names);
        foreach (Option option in new Option[] { _channel, _random, _count, _seed, _want, _out, _timeout, _takeOver, _mode, _group, _owners, _untrusted, _json })
        {
            Options.Add(option);
        }

        SetAction(Run);
    }

    public override string Examples =>
        """
        chappe ask                              ten of the responder's files, at random
        chappe ask apple.jpg ball.png           these two
        chappe ask apple --want pixels          its pixels, saved as apple.png
        chappe ask --random --count 100 --seed 7 apple ball car
        chappe ask -c camera frame --json       for another program to read
        chappe ask --mode 0660 --group video    for responders of a group, which say --owner
        """;

    private int Run(ParseResult parsed)
    {
        var messages = new Messages(Terminal.StandardError());
        string[] names = parsed.GetValue(_names) ?? [];
        if (Spelling.MistypedOption(parsed, this, names) is { } problem)
        {
            messages.Error(problem);
            return ExitCode.WrongUsage;
        }

        var plan = new AskPlan
        {
            Channel = parsed.GetRequiredValue(_channel),
            Names = names,
            Random = parsed.GetValue(_random),
            Count = parsed.GetValue(_count),
            Seed = parsed.GetValue(_seed),
            Want = CommonOptions.KindOf(parsed.GetRequiredValue(_want)),
            Destination = new ReceivedFiles(parsed.GetRequiredValue(_out)),
            Timeout = CommonOptions.TimeoutOf(parsed.GetValue(_timeout)),
            TakeOver = parsed.GetValue(_takeOver),
            Mode = parsed.GetValue(_mode) ?? AccessOptions.UsualMode,
            GroupId = parsed.GetValue(_group),
            AllowedOwners = parsed.GetValue(_owners) ?? [],
            Trust = AccessOptions.TrustOf(parsed.GetValue(_untrusted)),
        };
        IExchangeOutput output = parsed.GetValue(_json) ? new JsonOutput(Console.OpenStandardOutput()) : new TextOutput(Terminal.StandardOutput(), messages);
        using var interruption = new Interruption();
        return new AskSession(plan, output, messages).Run(interruption.Token);
    }
}
