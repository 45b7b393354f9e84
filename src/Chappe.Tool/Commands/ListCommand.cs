using System.CommandLine;
using Chappe.Exchange;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary><c>chappe list</c>: every channel on the machine, without disturbing any.</summary>
internal sealed class ListCommand : ToolCommand
{
    private readonly Option<bool> _objects = new("--objects") { Description = "Show each channel's semaphores and segments too." };
    private readonly Option<bool> _json = CommonOptions.Json("channel");

    public ListCommand()
        : base("list", "Show every channel on this machine: who is alive, how long since the last request, what stands in /dev/shm.")
    {
        Options.Add(_objects);
        Options.Add(_json);
        SetAction(Run);
    }

    public override string Examples =>
        """
        chappe list
        chappe list --objects      with sizes, owners and permissions of each object
        chappe list --json         for another program to read; has the objects too
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
