using System.CommandLine;

namespace Chappe.Tool;

/// <summary><c>chappe get</c>: owns a channel for one request and writes the payload to a file or a pipe.</summary>
internal sealed class GetCommand : ToolCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "The name to ask for." };
    private readonly Option<string> _channel = CommonOptions.Channel();
    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = $"The file to save to; {StandardOutput.FileName} writes the payload, and nothing else, to standard output (pixels unencoded). "
            + "Default: the last component of NAME, in the current directory. "
            + "An existing file is replaced once the new one is complete.",
        HelpName = $"FILE|{StandardOutput.FileName}",
    };

    private readonly Option<string> _want = CommonOptions.Want();
    private readonly Option<double> _timeout = CommonOptions.Timeout("The limit for the exchange, including the wait for a responder; 0 for no limit.");
    private readonly Option<UnixFileMode?> _mode = AccessOptions.Mode();
    private readonly Option<int?> _group = AccessOptions.Group();
    private readonly Option<long[]> _owners = AccessOptions.Owners();
    private readonly Option<bool> _untrusted = AccessOptions.Untrusted("responder");

    public GetCommand()
        : base("get", "Ask for one file; save it or pipe it.")
    {
        _output.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is "")
            {
                result.AddError("--output must not be empty.");
            }
        });
        Arguments.Add(_name);
        foreach (Option option in new Option[] { _channel, _output, _want, _timeout, _mode, _group, _owners, _untrusted })
        {
            Options.Add(option);
        }

        SetAction(Run);
    }

    public override string Examples =>
        """
        chappe get apple.jpg                       saved as apple.jpg
        chappe get apple.jpg -o fruit.jpg          saved under another name
        chappe get apple --want pixels -o a.png    its pixels, encoded as PNG
        chappe get notes.txt -c camera -o - | less
        chappe get apple.jpg -o - | sha256sum      while chappe serve runs
        """;

    private int Run(ParseResult parsed)
    {
        var messages = new Messages(Terminal.StandardError());
        if (Spelling.MistypedOption(parsed, this, [parsed.GetRequiredValue(_name)]) is { } problem)
        {
            messages.Error(problem);
            return ExitCode.WrongUsage;
        }

        string? file = parsed.GetValue(_output);
        bool isPiped = file is StandardOutput.FileName or "/dev/stdout";
        var plan = new AskPlan
        {
            Channel = parsed.GetRequiredValue(_channel),
            Names = [parsed.GetRequiredValue(_name)],
            Want = CommonOptions.KindOf(parsed.GetRequiredValue(_want)),
            Destination = isPiped ? new StandardOutput(messages) : file is null ? new ReceivedFiles(".") : new GivenFile(file),
            Timeout = CommonOptions.TimeoutOf(parsed.GetValue(_timeout)),
            Mode = parsed.GetValue(_mode) ?? AccessOptions.UsualMode,
            GroupId = parsed.GetValue(_group),
            AllowedOwners = parsed.GetValue(_owners) ?? [],
            Trust = AccessOptions.TrustOf(parsed.GetValue(_untrusted)),
        };
        IExchangeOutput output = isPiped ? new FailuresOnly(messages) : new TextOutput(Terminal.StandardOutput(), messages);
        using var interruption = new Interruption();
        return new AskSession(plan, output, messages).Run(interruption.Token);
    }

    /// <summary>Success is silent, so that a pipe carries the payload only.</summary>
    private sealed class FailuresOnly(Messages messages) : IExchangeOutput
    {
        public void Write(ExchangeRecord exchange)
        {
            if (!exchange.Ok)
            {
                messages.Failure(exchange);
            }
        }
    }
}
