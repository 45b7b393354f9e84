using System.CommandLine;

namespace Chappe.Tool;

/// <summary>A command of this program.</summary>
/// <param name="name">The word that selects it.</param>
/// <param name="summary">One short line, for the list of commands.</param>
internal abstract class ToolCommand(string name, string summary) : Command(name, summary)
{
    /// <summary>What the command's own help adds to the summary; null for nothing.</summary>
    public virtual string? Details => null;

    /// <summary>The examples at the end of the command's help.</summary>
    public abstract string Examples { get; }
}
