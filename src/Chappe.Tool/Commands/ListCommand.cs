using System.CommandLine;
using Chappe.Exchange;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary><c>chappe list</c>: shows every channel on the machine and disturbs none.</summary>
internal sealed class ListCommand : ToolCommand
{
    private readonly Option<bool> _objects = new("--objects") { Description = "Also list each channel's semaphores and segments." };
    private readonly Option<bool> _json = CommonOptions.Json("channel");

    public ListCommand()
        : base("list", "List the channels on this machine.")
    {
        Options.Add(_objects);
        Options.Add(_json);
        SetAction(Run);
    }

    public override string Details =>
        "Shows which processes use each channel, the time since its last request, and the memory it takes. Reads only; exchanges go on undisturbed. "
        + "A narrow terminal shows fewer columns; a pipe gets all of them.";

    public override string Examples =>
        """
        chappe list
        chappe list --objects      also the size, owner and permissions of each object
        chappe list --json         for another program to read; includes the objects
        """;

    private int Run(ParseResult parsed)
    {
        var messages = new Messages(Terminal.StandardError());
        ChannelRecord[] channels;
        try
        {
            channels = [.. ChannelCatalog.List().Select(ChannelRecord.Of)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            messages.Error($"The channels cannot be listed: {exception.Message}");
            return ExitCode.ChannelUnavailable;
        }

        if (parsed.GetValue(_json))
        {
            JsonLines.Write(Console.OpenStandardOutput(), channels, JsonLines.Types.ChannelRecord);
        }
        else if (channels.Length > 0)
        {
            IAnsiConsole console = Terminal.StandardOutput();
            ChannelTable.OfChannels(channels).Write(console);
            if (parsed.GetValue(_objects))
            {
                console.Profile.Out.Writer.WriteLine();
                ChannelTable.OfObjects(channels).Write(console);
            }
        }

        if (channels.Length == 0)
        {
            messages.Notice("There are no channels in /dev/shm.");
        }

        return ExitCode.Success;
    }
}
