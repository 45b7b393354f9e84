using System.CommandLine;
using System.Text;
using Chappe.Exchange;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary><c>chappe watch</c>: what goes on on one channel or all, without disturbing any.</summary>
internal sealed class WatchCommand : ToolCommand
{
    private const double UsualInterval = 1;
    private const int RedrawsPerInterval = 4;

    private readonly Argument<string?> _channel = new("CHANNEL")
    {
        Description = "The channel to watch, also one that is still to come; all if it is not given.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<double> _interval = CommonOptions.Seconds(
        "--interval", "Over how long the figures go; a terminal shows them four times as often.", UsualInterval, shortest: 0.1);

    private readonly Option<int?> _count = CommonOptions.Count("End after this many intervals. Without it, watch until Ctrl+C.");
    private readonly Option<bool> _json = CommonOptions.Json("channel and interval");

    public WatchCommand()
        : base(
            "watch",
            "Watch one channel or all: who is attached, exchanges and bytes per second, latencies, the last name. It only looks: it takes no lock and no post, "
            + "and maps nothing. Exchanges are counted exactly. The rest is sampled every 2 ms: the mean latency by how often a request was seen unanswered, "
            + "the percentiles as upper limits, which may be too large by the time between three samples; bytes by the payloads that were caught, "
            + "names by the requests that were caught before a responder took them.")
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

    public override string Examples =>
        """
        chappe watch                            all channels, until Ctrl+C
        chappe watch camera                     one of them
        chappe watch camera --count 1           one line, if it goes to a pipe
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
                console.Live(new Text("")).Start(display => watch.Run(channels => display.UpdateTarget(WatchText.Live(channels, none)), interruption.Token));
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
