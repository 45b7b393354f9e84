using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Chappe.Tool;

/// <summary>The command line: parses it, runs the command and returns the exit status.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        // No response files: a name to ask for may begin with @.
        ParseResult parsed = CreateRoot().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            return ReportWrongUsage(parsed);
        }

        // The commands handle signals themselves, since they know what to clean up.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    private static RootCommand CreateRoot()
    {
        var root = new RootCommand("Ask another process for files, and serve files, through POSIX shared memory.")
        {
            new AskCommand(),
            new ServeCommand(),
            new GetCommand(),
            new DemoCommand(),
            new ListCommand(),
            new WatchCommand(),
            new RemoveCommand(),
            new DoctorCommand(),
            new BenchCommand(),
            new CompletionCommand(),

            // Hidden commands instead of aliases: the parser would list and complete those.
            new AskCommand(AskCommand.Alias) { Hidden = true },
            new ServeCommand(ServeCommand.Alias) { Hidden = true },
            new BenchResponderCommand(),
        };
        HelpOption help = root.Options.OfType<HelpOption>().Single();

        // An argument that begins with a slash is a path here, not an option.
        foreach (string alias in help.Aliases.Where(alias => alias.StartsWith('/')).ToArray())
        {
            help.Aliases.Remove(alias);
        }

        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!);
        return root;
    }

    private static int ReportWrongUsage(ParseResult parsed)
    {
        var messages = new Messages(Terminal.StandardError());
        foreach (string error in parsed.Errors.Select(error => error.Message).Distinct())
        {
            messages.Error(error);
        }

        Command command = parsed.CommandResult.Command;
        foreach (string question in Spelling.UnknownWords(parsed).Select(token => Spelling.Question(token, command)).OfType<string>().Distinct())
        {
            messages.Notice(question);
        }

        messages.Notice(command is RootCommand ? "Try: chappe --help" : $"Try: chappe {command.Name} --help");
        return ExitCode.WrongUsage;
    }

    private sealed class HelpWithExamples(SynchronousCommandLineAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var command = parseResult.CommandResult.Command as ToolCommand;
            if (command is not null)
            {
                command.Description = $"{command.Description} {command.Details}".TrimEnd();

                // Help for a hidden command would be empty.
                command.Hidden = false;
            }

            int result = help.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            Write(output, "Examples:", command?.Examples ?? RootExamples);
            if (command is null)
            {
                output.WriteLine();
                Write(output, "Exit status:", ExitStatus);
            }

            return result;
        }

        private static void Write(TextWriter output, string heading, string text)
        {
            output.WriteLine(heading);
            foreach (string line in text.Split('\n'))
            {
                output.WriteLine($"  {line}".TrimEnd());
            }
        }

        private const string RootExamples =
            """
            chappe demo                 two processes exchange ten pictures
            chappe serve pictures       in one terminal: serve a directory
            chappe ask apple.jpg        in another terminal: ask for one of its files
            chappe get apple.jpg -o -   write one file to a pipe
            chappe list                 show all channels and the processes that use them
            chappe watch                show exchanges as they happen
            chappe doctor               check this machine
            chappe bench                measure exchanges on this machine
            """;

        private const string ExitStatus =
            """
            0    success
            1    an exchange failed, a channel was not removed, or doctor found a problem
            2    wrong usage
            3    the channel is in use or cannot be opened
            130  ended by Ctrl+C, SIGTERM or SIGHUP
            141  the reader of standard output has gone
            """;
    }
}
