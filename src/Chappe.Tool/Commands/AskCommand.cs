using System.CommandLine;

namespace Chappe.Tool;

/// <summary><c>chappe ask</c>: owns a channel, asks for files and saves them.</summary>
internal sealed class AskCommand : ToolCommand
{
    /// <summary>The name that the system which Chappe follows gives to the side that asks.</summary>
    public const string Alias = "server";

    private readonly Argument<string[]> _names = new("NAME")
    {
        Description = "The names to ask for, in this order. Without names: ten at random from the responder's list.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string> _channel = CommonOptions.Channel();
    private readonly Option<bool> _random = new("--random") { Description = "Pick from the names at random. No name repeats before every name has been picked." };
    private readonly Option<int?> _count = CommonOptions.Count("The number of exchanges. Default: each name once, or 10 at random. Names in order start again from the first.");
    private readonly Option<int?> _seed = CommonOptions.WholeNumber("--seed", "Make the random choice repeatable.", minimum: 0);
    private readonly Option<string> _want = CommonOptions.Want();
    private readonly Option<string> _out = CommonOptions.Out();
    private readonly Option<double> _timeout = CommonOptions.Timeout("The limit for each exchange, including the wait for a responder; 0 for no limit.");
    private readonly Option<bool> _takeOver = new("--takeover")
    {
        Description = "Replace a channel of the basic level, even though its requester may be alive: the basic level does not show that. "
            + "Never replaces the channel of a live Chappe requester.",
    };

    private readonly Option<UnixFileMode?> _mode = AccessOptions.Mode();
    private readonly Option<int?> _group = AccessOptions.Group();
    private readonly Option<long[]> _owners = AccessOptions.Owners();
    private readonly Option<bool> _untrusted = AccessOptions.Untrusted("responder");
    private readonly Option<bool> _json = CommonOptions.Json();

    public AskCommand(string name = "ask")
        : base(name, "Ask a responder for files and save them.")
    {
        Validators.Add(result =>
        {
            bool inOrder = result.GetResult(_names) is { Tokens.Count: > 0 } && result.GetResult(_random) is null or { Implicit: true };
            if (inOrder && result.GetResult(_seed) is { Implicit: false })
            {
                result.AddError("--seed has no effect on names that are asked for in order. Add --random, or leave --seed out.");
            }
        });
        Arguments.Add(_names);
        foreach (Option option in new Option[] { _channel, _random, _count, _seed, _want, _out, _timeout, _takeOver, _mode, _group, _owners, _untrusted, _json })
        {
            Options.Add(option);
        }

        SetAction(Run);
    }

    public override string Details => $"{Interruption.Help} chappe {Alias} is the same command.";

    public override string Examples =>
        """
        chappe ask                              ten of the responder's files, at random
        chappe ask apple.jpg ball.png           these two
        chappe ask apple --want pixels          its pixels, saved as apple.png
        chappe ask --random --count 100 --seed 7 apple ball car
        chappe ask -c camera frame --json       for another program to read
        chappe ask --mode 0660 --group video    for responders of a group, which give --owner
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
