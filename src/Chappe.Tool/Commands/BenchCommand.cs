using System.CommandLine;

namespace Chappe.Tool;

/// <summary><c>chappe bench</c>: measures exchanges on this machine.</summary>
internal sealed class BenchCommand : ToolCommand
{
    private readonly Option<bool> _json = new("--json") { Description = "Write one JSON object per line to standard output." };

    public BenchCommand()
        : base("bench", "Measure exchanges on this machine.")
    {
        Options.Add(_json);
        SetAction((parsed, _) => new Bench(parsed.GetValue(_json)).RunAsync());
    }

    public override string Details =>
        "Starts a responder process and takes less than ten seconds. Also shows the processors that ran the two sides: a blocking exchange is many times faster "
        + "where both share one.";

    public override string Examples =>
        """
        chappe bench
        taskset -c 0 chappe bench     both processes on one processor
        """;
}
