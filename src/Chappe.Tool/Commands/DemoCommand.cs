using System.CommandLine;

namespace Chappe.Tool;

/// <summary><c>chappe demo</c>: a responder process and this process as its requester, on a channel of their own.</summary>
internal sealed class DemoCommand : ToolCommand
{
    private readonly Option<int?> _count = CommonOptions.Count("How many files to ask for; 10 if it is not given.");
    private readonly Option<string> _out = CommonOptions.Out();
    private readonly Option<bool> _json = CommonOptions.Json();

    public DemoCommand()
        : base("demo", "See it work: start a responder process that serves sample pictures, and ask it for ten of them.")
    {
        Options.Add(_count);
        Options.Add(_out);
        Options.Add(_json);
        SetAction((parsed, _) => new Demo(parsed.GetValue(_count), parsed.GetRequiredValue(_out), parsed.GetValue(_json)).RunAsync());
    }

    public override string Examples =>
        """
        chappe demo
        chappe demo --count 1000 --out /tmp/pictures
        """;
}
