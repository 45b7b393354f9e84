using System.CommandLine;
using System.Text;
using Chappe.Exchange;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary><c>chappe watch</c>: shows the exchanges on one channel or all and disturbs none.</summary>
internal sealed class WatchCommand : ToolCommand
{
    private const double UsualInterval = 1;
    private const int RedrawsPerInterval = 4;

    private readonly Argument<string?> _channel = new("CHANNEL")
    {
        Description = "The channel to watch; it need not exist yet. Default: all channels.",
        HelpName = "CHANNEL",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<double> _interval = CommonOptions.Seconds(
        "--interval", "The time that the figures cover. A terminal updates them four times as often.", UsualInterval, shortest: 0.1);

    private readonly Option<int?> _count = CommonOptions.Count("End after this many intervals. Default: watch until Ctrl+C.");
    private readonly Option<bool> _json = CommonOptions.Json("channel and interval");

    public WatchCommand()
        : base("watch", "Show exchanges as they happen.")
    {
        _channel.CompletionSources.Add(_ => CommonOptions.ChannelNames());
        _channel.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } given && CommonOptions.DescribeWrongChannel("CHANNEL", given) is { } problem)
            {
                result.AddError(problem);
            }
        });
        Arguments.Add(_channel);
        foreach (Option option in new Option[] { _interval, _count, _json })
        {
            Options.Add(option);
        }

        SetAction(Run);
    }

    public override string Details =>
        "Shows the attached processes, exchanges and bytes per second, latencies and the last name. Reads only: takes no lock and no post, and maps nothing. "
        + "The count of exchanges is exact. The other figures come from samples, one every 2 ms: the mean latency from the share of samples with an unanswered request; "
        + "the percentiles are upper bounds, too large by at most the time between three samples; bytes come from the payloads, and names from the untaken requests, "
        + "that a sample met.";

    public override string Examples =>
        """
        chappe watch                            all channels, until Ctrl+C
        chappe watch camera                     one of them
        chappe watch camera --count 1           one line, when piped
        chappe watch --json --interval 10       for another program to read
        """;

    private int Run(ParseResult parsed)
    {
        var messages = new Messages(Terminal.StandardError());
        ChannelName? only = parsed.GetValue(_channel) is { } name ? new ChannelName(name) : null;
        string none = only is null ? "There are no channels in /dev/shm." : $"There is no channel {only}.";
        IAnsiConsole console = Terminal.StandardOutput();
        bool isLive = !parsed.GetValue(_json) && console.Profile.Capabilities.Ansi;
        int redraws = isLive ? RedrawsPerInterval : 1;
        int? count = parsed.GetValue(_count) is { } intervals ? (int)Math.Min(int.MaxValue, (long)intervals * redraws) : null;
        using var watch = new Watch(only, TimeSpan.FromSeconds(parsed.GetValue(_interval)) / redraws, redraws, count);
        using var interruption = new Interruption();
        try
        {
            if (isLive)
            {
                console.Live(new Text("")).Start(display => watch.Run(channels => display.UpdateTarget(WatchText.Live(channels, none, console.Profile.Width)), interruption.Token));
            }
            else
            {
                WriteLines(watch, parsed.GetValue(_json), () => messages.Notice(none), interruption.Token);
            }

            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (IOException exception) when (StandardOutput.IsBrokenPipe(exception))
        {
            return ExitCode.BrokenPipe;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            messages.Error($"The channels cannot be watched: {exception.Message}");
            return ExitCode.ChannelUnavailable;
        }
    }

    private static void WriteLines(Watch watch, bool json, Action sayNone, CancellationToken cancellationToken)
    {
        using Stream stream = StandardOutput.Open();
        bool saidNone = false;
        watch.Run(
            channels =>
            {
                if (channels.Count == 0 && !saidNone)
                {
                    sayNone();
                }

                saidNone = channels.Count == 0;
                if (json)
                {
                    JsonLines.Write(stream, channels, JsonLines.Types.WatchRecord);
                }
                else
                {
                    stream.Write(Encoding.UTF8.GetBytes(string.Concat(channels.Select(channel => WatchText.Line(channel) + "\n"))));
                }
            },
            cancellationToken);
    }
}
