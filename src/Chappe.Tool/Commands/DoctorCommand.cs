using System.CommandLine;

namespace Chappe.Tool;

/// <summary><c>chappe doctor</c>: checks whether this machine can run Chappe.</summary>
internal sealed class DoctorCommand : ToolCommand
{
    private readonly Option<bool> _json = CommonOptions.Json("check");

    public DoctorCommand()
        : base("doctor", "Check whether this machine can run Chappe.")
    {
        Options.Add(_json);
        SetAction(Run);
    }

    public override string Details =>
        "Checks /dev/shm, the limits of processes, what dead processes left, the kernel and the C library. Changes nothing. Exit status 1 if it finds a problem.";

    public override string Examples =>
        """
        chappe doctor            a table
        chappe doctor --json     for another program to read
        """;

    private int Run(ParseResult parsed)
    {
        IReadOnlyList<Finding> findings = Doctor.Examine();
        if (parsed.GetValue(_json))
        {
            JsonLines.Write(Console.OpenStandardOutput(), findings, JsonLines.Types.Finding);
        }
        else
        {
            TableOf(findings).Write(Terminal.StandardOutput());
        }

        return findings.Any(finding => finding.Verdict == Finding.ProblemVerdict) ? ExitCode.ProblemFound : ExitCode.Success;
    }

    private static ColumnTable TableOf(IEnumerable<Finding> findings)
    {
        var table = new ColumnTable(new("VERDICT"), new("CHECK"), new("FOUND", Wraps: true));
        foreach (Finding finding in findings)
        {
            string style = finding.Verdict switch
            {
                Finding.OkVerdict => "green",
                Finding.NoteVerdict => "yellow",
                _ => "red",
            };
            table.Add(style, finding.Verdict, finding.Check, finding.Advice is null ? finding.Found : $"{finding.Found} {finding.Advice}");
        }

        return table;
    }
}
