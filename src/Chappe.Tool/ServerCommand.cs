using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary><c>chappe server</c>: owns a channel, asks for files and saves them.</summary>
internal sealed class ServerCommand : ToolCommand
{
    private readonly Argument<string[]> _names = new("NAME")
    {
        Description = "What to ask for, in this order. Without names, the client's list is asked for, and then ten of its names at random.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string> _channel = CommonOptions.Channel();
    private readonly Option<bool> _random = new("--random") { Description = "Pick from the names at random; none comes again before all have come." };
    private readonly Option<int?> _count = CommonOptions.Count("How many exchanges: 10 at random, each name once in order. Names in order start again from the first.");
    private readonly Option<int?> _seed = CommonOptions.WholeNumber("--seed", "Makes the random choice repeatable.", minimum: 0);
    private readonly Option<string> _want = CommonOptions.Choice(
        "--want",
        "What to ask for: the file as it is stored, the decoded pixels, or whatever the client prefers (any). "
            + "Pixels are saved in the format of the name's extension, as PNG if it has none.",
        "file",
        "any",
        "file",
        "pixels");

    private readonly Option<string> _out = CommonOptions.Out();
    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "How long each exchange may take, waiting for a client included; 0 for no limit.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
        CustomParser = ParseTimeout,
    };

    private readonly Option<bool> _takeOver = new("--takeover")
    {
        Description = "Replace what a server that speaks only the basic level left under the channel's names, or still uses: nobody can tell. "
            + "Never takes a channel from a living Chappe server.",
    };

    private readonly Option<UnixFileMode?> _mode = AccessOptions.Mode();
    private readonly Option<int?> _group = AccessOptions.Group();
    private readonly Option<long[]> _owners = AccessOptions.Owners();
    private readonly Option<bool> _untrusted = AccessOptions.Untrusted("client");
    private readonly Option<bool> _json = CommonOptions.Json();

    public ServerCommand()
        : base("server", "Ask a client for files and save them.")
    {
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
        chappe server                              ten of the client's files, at random
        chappe server apple.jpg ball.png           these two
        chappe server apple --want pixels          its pixels, saved as apple.png
        chappe server --random --count 100 --seed 7 apple ball car
        chappe server -c camera frame --json       for another program to read
        chappe server --mode 0660 --group video    for clients of a group, which say --owner
        """;

    private int Run(ParseResult parsed)
    {
        var messages = new Messages(Terminal.StandardError());
        if (MistypedOption(parsed) is { } mistyped)
        {
            messages.Error($"There is no option {mistyped}. If it is a name to ask for, write -- before it.");
            return ExitCode.WrongUsage;
        }

        var plan = new ServerPlan
        {
            Channel = parsed.GetRequiredValue(_channel),
            Names = parsed.GetValue(_names) ?? [],
            Random = parsed.GetValue(_random),
            Count = parsed.GetValue(_count),
            Seed = parsed.GetValue(_seed),
            Want = WantedKind(parsed.GetRequiredValue(_want)),
            Directory = parsed.GetRequiredValue(_out),
            Timeout = parsed.GetValue(_timeout) is var seconds and > 0 ? TimeSpan.FromSeconds(seconds) : Timeout.InfiniteTimeSpan,
            TakeOver = parsed.GetValue(_takeOver),
            Mode = parsed.GetValue(_mode) ?? AccessOptions.UsualMode,
            GroupId = parsed.GetValue(_group),
            AllowedOwners = parsed.GetValue(_owners) ?? [],
            Trust = AccessOptions.TrustOf(parsed.GetValue(_untrusted)),
        };
        IExchangeOutput output = parsed.GetValue(_json) ? new JsonOutput(Console.OpenStandardOutput()) : new TextOutput(Terminal.StandardOutput(), messages);
        using var interruption = new Interruption();
        return new Server(plan, output, messages).Run(interruption.Token);
    }

    /// <summary>The parser takes an option it does not know for one more name; only what stands after -- is surely one.</summary>
    private string? MistypedOption(ParseResult parsed)
    {
        string[] names = parsed.GetValue(_names) ?? [];
        int afterDashes = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1).Count();
        return names.Take(names.Length - afterDashes).FirstOrDefault(name => name.StartsWith('-'));
    }

    private static double ParseTimeout(ArgumentResult result)
    {
        // The longest that a wait in milliseconds can be, in whole seconds.
        const int Longest = int.MaxValue / 1000;
        string given = result.Tokens[0].Value;
        if (double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0 and <= Longest)
        {
            return seconds;
        }

        result.AddError($"--timeout must be a number of seconds from 0 to {Longest}, not {given}.");
        return 0;
    }

    private static RequestKind WantedKind(string want) => want switch
    {
        "any" => RequestKind.Any,
        "pixels" => RequestKind.Pixels,
        _ => RequestKind.File,
    };
}
