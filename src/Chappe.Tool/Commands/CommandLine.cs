using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Chappe.Tool;

/// <summary>The whole command line: parses it, runs the command, returns the exit status.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        // No response files: @ may well be the first character of a name to ask for.
        ParseResult parsed = CreateRoot().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            return ReportWrongUsage(parsed);
        }

        // The commands handle signals themselves, since they know what to clean up.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static RootCommand CreateRoot()
    {
        var root = new RootCommand("Ask another process for files, and serve them, through POSIX shared memory.")
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
            new BenchResponderCommand(),
        };
        HelpOption help = root.Options.OfType<HelpOption>().Single();

        // A leading slash begins a path here, not an option.
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
            int result = help.Invoke(parseResult);
            string examples = parseResult.CommandResult.Command is ToolCommand command ? command.Examples : RootExamples;
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string line in examples.Split('\n'))
            {
                output.WriteLine($"  {line}".TrimEnd());
            }

            return result;
        }

        private const string RootExamples =
            """
            chappe demo                 see it work: two processes, ten pictures
            chappe serve pictures      in one terminal: serve a directory
            chappe ask apple.jpg     in another: ask for a file of it
            chappe get apple.jpg -o -   one file, for a pipe
            chappe list                 what channels there are, and who is alive
            chappe watch                what goes on on them, live
            chappe doctor               whether this machine is fit for it
            chappe bench                how fast it is on this machine

            Exit status: 0 all well, 1 an exchange failed, a channel was not removed or
            the doctor found a problem, 2 wrong usage, 3 the channel cannot be opened
            or is in use, 130 interrupted, 141 standard output was closed.
            """;
    }
}
