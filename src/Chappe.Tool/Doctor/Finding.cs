namespace Chappe.Tool;

/// <summary>The result of one check. In JSON: these properties in this order, in camel case.</summary>
/// <param name="Check">The name of the check.</param>
/// <param name="Verdict">ok, note or problem.</param>
/// <param name="Found">The finding, in sentences.</param>
/// <param name="Advice">What to do; null if nothing.</param>
internal sealed record Finding(string Check, string Verdict, string Found, string? Advice)
{
    public const string OkVerdict = "ok";
    public const string NoteVerdict = "note";
    public const string ProblemVerdict = "problem";

    public static Finding Ok(string check, string found) => new(check, OkVerdict, found, null);

    public static Finding Note(string check, string found, string advice) => new(check, NoteVerdict, found, advice);

    public static Finding Problem(string check, string found, string advice) => new(check, ProblemVerdict, found, advice);
}
