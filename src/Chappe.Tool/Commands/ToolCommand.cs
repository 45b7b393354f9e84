using System.CommandLine;

namespace Chappe.Tool;

/// <summary>A command of this program, with the examples that its help ends with.</summary>
internal abstract class ToolCommand(string name, string description) : Command(name, description)
{
    public abstract string Examples { get; }
}
