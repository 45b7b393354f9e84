using System.CommandLine;

namespace Chappe.Tool;

/// <summary><c>chappe demo</c>: starts a responder process and asks it for pictures, on a channel of their own.</summary>
internal sealed class DemoCommand : ToolCommand
{
    private readonly Option<int?> _count = CommonOptions.Count("The number of files to ask for. Default: 10.");
    private readonly Option<string> _out = CommonOptions.Out();
    private readonly Option<bool> _json = CommonOptions.Json();

    public DemoCommand()
        : base("demo", "Exchange ten pictures between two processes.")
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
