using Spectre.Console;

namespace Chappe.Tool;

/// <summary>The two streams that people read, with colours only where a terminal shows them and NO_COLOR does not forbid them.</summary>
internal static class Terminal
{
    // Lines that go to a file or another program are not to be broken.
    private const int UnbrokenWidth = 10_000;

    public static IAnsiConsole StandardOutput() => Create(Console.Out, isTerminal: !Console.IsOutputRedirected);

    public static IAnsiConsole StandardError() => Create(Console.Error, isTerminal: !Console.IsErrorRedirected);

    /// <summary>Whether a picture of coloured blocks can be shown.</summary>
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

            // The default enrichers switch colours on for some build requesters, whose logs are no terminals.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        if (!isTerminal)
        {
            console.Profile.Width = UnbrokenWidth;
        }

        return console;
    }
}
