using System.CommandLine;

namespace Chappe.Tool;

/// <summary><c>chappe completion</c>: prints the script by which a shell asks this program for completions.</summary>
internal sealed class CompletionCommand : ToolCommand
{
    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh or fish." };

    public CompletionCommand()
        : base("completion", "Print a shell's completion script.")
    {
        _shell.CompletionSources.Add([.. CompletionScript.Shells]);
        _shell.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is var given && !CompletionScript.Shells.Contains(given))
            {
                result.AddError($"SHELL must be one of {string.Join(", ", CompletionScript.Shells)}, not {given}.");
            }
        });
        Arguments.Add(_shell);
        SetAction(parsed => Console.Out.Write(CompletionScript.For(parsed.GetRequiredValue(_shell))));
    }

    public override string Details => "With the script, the Tab key completes commands, options and the names of channels.";

    public override string Examples =>
        """
        chappe completion fish > ~/.config/fish/completions/chappe.fish
        eval "$(chappe completion bash)"         in ~/.bashrc
        eval "$(chappe completion zsh)"          in ~/.zshrc, after compinit
        """;
}
