using System.CommandLine;

namespace Chappe.Tool;

/// <summary><c>chappe doctor</c>: whether this machine is fit for channels.</summary>
internal sealed class DoctorCommand : ToolCommand
{
    private readonly Option<bool> _json = CommonOptions.Json("check");

    public DoctorCommand()
        : base("doctor", "Check this machine: /dev/shm, limits, what was left behind, what the kernel and the C library have.")
    {
        Options.Add(_json);
        SetAction(Run);
    }

    public override string Examples =>
        """
        chappe doctor            exit status 1 if there is a problem
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
        var table = new ColumnTable("VERDICT", "CHECK", "FOUND");
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
