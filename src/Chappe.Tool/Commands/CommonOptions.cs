using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text;
using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>The options that several commands share. Each call returns a new instance.</summary>
internal static class CommonOptions
{
    /// <summary>The address space to reserve for a payload. Memory is limited by the space in /dev/shm, not by this.</summary>
    public const long MaxPayloadLength = 64L << 30;

    public static Option<string> Channel()
    {
        var option = new Option<string>("--channel", "-c")
        {
            Description = "The name of the channel, the same on both sides.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "chappe",
        };
        option.CompletionSources.Add(_ => ChannelNames());
        option.Validators.Add(result =>
        {
            if (DescribeWrongChannel("--channel", result.GetValueOrDefault<string>()) is { } problem)
            {
                result.AddError(problem);
            }
        });
        return option;
    }

    public static Option<bool> Json(string what = "exchange") => new("--json")
    {
        Description = $"Write one JSON object per {what} to standard output, and all else to standard error.",
    };

    public static Option<int?> Count(string description) => WholeNumber("--count", description, minimum: 1);

    public static Option<int?> WholeNumber(string name, string description, int minimum) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= minimum)
            {
                return number;
            }

            result.AddError($"{name} must be a whole number from {minimum} to {int.MaxValue}, not {result.Tokens[0].Value}.");
            return null;
        },
    };

    public static Option<string> Choice(string name, string description, string usual, params string[] choices)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            HelpName = string.Join('|', choices),
            DefaultValueFactory = _ => usual,
        };
        option.CompletionSources.Add(choices);
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is var given && !choices.Contains(given))
            {
                result.AddError($"{name} must be one of {string.Join(", ", choices)}, not {given}.");
            }
        });
        return option;
    }

    public static Option<string> Want() => Choice(
        "--want",
        "What to ask for: the stored file, the decoded pixels, or what the responder prefers (any). "
            + "Pixels are saved in the format of the name's extension, or as PNG.",
        "file",
        "any",
        "file",
        "pixels");

    public static RequestKind KindOf(string want) => want switch
    {
        "any" => RequestKind.Any,
        "pixels" => RequestKind.Pixels,
        _ => RequestKind.File,
    };

    public static Option<double> Timeout(string description) => Seconds("--timeout", description, usual: 30);

    public static TimeSpan TimeoutOf(double seconds) => seconds > 0 ? TimeSpan.FromSeconds(seconds) : System.Threading.Timeout.InfiniteTimeSpan;

    public static Option<double> Seconds(string name, string description, double usual, double shortest = 0)
    {
        // A wait takes its milliseconds as an int.
        const int Longest = int.MaxValue / 1000;
        return new Option<double>(name)
        {
            Description = description,
            HelpName = "SECONDS",
            DefaultValueFactory = _ => usual,
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                if (double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds >= shortest && seconds <= Longest)
                {
                    return seconds;
                }

                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} must be a number of seconds from {shortest} to {Longest}, not {given}."));
                return usual;
            },
        };
    }

    public static Option<string> Out() => new("--out")
    {
        Description = "The directory to save to; created if missing. Only the last component of a name is kept: a/b.jpg is saved as b.jpg. "
            + "An existing file is replaced once the new one is complete, but names of one run never replace each other's files.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "received",
    };

    /// <summary>The names of the existing channels, for completion, except names that a terminal cannot show as they are.</summary>
    public static IEnumerable<CompletionItem> ChannelNames()
    {
        try
        {
            return [.. ChannelCatalog.List().Select(channel => channel.Channel.Name).Where(DisplayText.IsSafe).Select(name => new CompletionItem(name))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            return [];
        }
    }

    /// <summary>Describes what is wrong with the name of a channel; null if it is valid.</summary>
    public static string? DescribeWrongChannel(string label, string? name)
    {
        const int NameMax = 255;
        const string SemaphoreFilePrefix = "sem.";
        if (string.IsNullOrEmpty(name))
        {
            return $"{label} must not be empty.";
        }

        // The file's name lacks the leading slash.
        string longest = SemaphoreFilePrefix + new ChannelName(name).RequestSemaphore[1..];
        int excess = Encoding.UTF8.GetByteCount(longest) - NameMax;
        return excess > 0 ? $"{label} is {excess} bytes too long." : null;
    }
}
