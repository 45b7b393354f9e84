using Spectre.Console;

namespace Chappe.Tool;

/// <summary>Standard output and standard error for people, in colour on a terminal unless NO_COLOR is set.</summary>
internal static class Terminal
{
    // Lines in a file or a pipe must not be broken.
    private const int UnbrokenWidth = 10_000;

    public static IAnsiConsole StandardOutput() => Create(Console.Out, isTerminal: !Console.IsOutputRedirected);

    public static IAnsiConsole StandardError() => Create(Console.Error, isTerminal: !Console.IsErrorRedirected);

    /// <summary>Whether the console can show a picture of coloured blocks.</summary>
    public static bool ShowsPictures(IAnsiConsole console) =>
        console.Profile.Capabilities is { Ansi: true, Unicode: true } capabilities && capabilities.ColorSystem != ColorSystem.NoColors;

    private static IAnsiConsole Create(TextWriter writer, bool isTerminal)
    {
        bool colours = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = colours ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,

            // The default enrichers enable colours for some build servers, whose logs are no terminals.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        if (!isTerminal)
        {
            console.Profile.Width = UnbrokenWidth;
        }

        return console;
    }
}
