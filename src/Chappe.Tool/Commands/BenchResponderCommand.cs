using System.CommandLine;

namespace Chappe.Tool;

/// <summary>The responder process of <c>chappe bench</c>.</summary>
internal sealed class BenchResponderCommand : Command
{
    public const string Verb = "bench-responder";
    public const string WithoutSpinning = "--no-spin";

    private readonly Argument<string> _directory = new("DIR");
    private readonly Option<string> _channel = CommonOptions.Channel();
    private readonly Option<bool> _noSpin = new(WithoutSpinning);

    public BenchResponderCommand()
        : base(Verb, "The responder process of chappe bench.")
    {
        Hidden = true;
        Arguments.Add(_directory);
        Options.Add(_channel);
        Options.Add(_noSpin);
        SetAction((parsed, _) => BenchResponder.RunAsync(parsed.GetRequiredValue(_channel), parsed.GetRequiredValue(_directory), parsed.GetValue(_noSpin)));
    }
}
