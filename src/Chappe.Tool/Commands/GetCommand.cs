using System.CommandLine;

namespace Chappe.Tool;

/// <summary><c>chappe get</c>: owns a channel for one request and hands on the payload, to a file or to a pipe.</summary>
internal sealed class GetCommand : ToolCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "What to ask for." };
    private readonly Option<string> _channel = CommonOptions.Channel();
    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = $"The file to save to; {StandardOutput.FileName} for standard output, where nothing but the payload is written, pixels as they come. "
            + "Without it the file has the last part of NAME and is saved to the current directory. "
            + "A file that is already there is replaced, once the new one is whole.",
        HelpName = $"FILE|{StandardOutput.FileName}",
    };

    private readonly Option<string> _want = CommonOptions.Want();
    private readonly Option<double> _timeout = CommonOptions.Timeout("How long it may take, waiting for a responder included; 0 for no limit.");
    private readonly Option<UnixFileMode?> _mode = AccessOptions.Mode();
    private readonly Option<int?> _group = AccessOptions.Group();
    private readonly Option<long[]> _owners = AccessOptions.Owners();
    private readonly Option<bool> _untrusted = AccessOptions.Untrusted("responder");

    public GetCommand()
        : base("get", "Ask a responder for one file, and save it or hand it on in a pipe.")
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
        chappe get apple --want pixels -o a.png    its pixels, saved as PNG
        chappe get notes.txt -c camera -o - | less
        chappe get apple.jpg -o - | sha256sum      works while chappe serve serves it
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

    /// <summary>In a pipe success is silent.</summary>
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
