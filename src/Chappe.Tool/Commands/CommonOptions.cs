using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text;
using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>Options that more than one command has. Each call makes one of its own.</summary>
internal static class CommonOptions
{
    /// <summary>A payload may need this much address space, not memory; the room in /dev/shm is what limits it.</summary>
    public const long MaxPayloadLength = 64L << 30;

    public static Option<string> Channel()
    {
        var option = new Option<string>("--channel", "-c")
        {
            Description = "The channel's name; both sides give the same one.",
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
        Description = $"Write one JSON object per {what} to standard output, and everything else to standard error.",
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
        "What to ask for: the file as it is stored, the decoded pixels, or whatever the responder prefers (any). "
            + "Pixels are saved in the format of the file's extension, as PNG if that is none of a picture.",
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
        // The longest that a wait in milliseconds can be, in whole seconds.
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
        Description = "The directory to save to; it is made if it is missing. A name's directories are left off (a/b.jpg is saved as b.jpg). "
            + "A file of the same name that is already there is replaced, once the new one is whole; "
            + "two different names never replace each other's files in one run.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "received",
    };

    /// <summary>The channels that exist, for completion: those that can stand on a line of a terminal.</summary>
    public static IEnumerable<CompletionItem> ChannelNames()
    {
        try
        {
            return [.. ChannelCatalog.List().Select(channel => channel.Channel.Name).Where(name => !name.Any(char.IsControl)).Select(name => new CompletionItem(name))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            return [];
        }
    }

    /// <summary>What is wrong with a channel's name, null for nothing.</summary>
    public static string? DescribeWrongChannel(string label, string? name)
    {
        const int NameMax = 255;
        const string SemaphoreFilePrefix = "sem.";
        if (string.IsNullOrEmpty(name))
        {
            return $"{label} must not be empty.";
        }

        // The leading slash is no part of the file's name.
        string longest = SemaphoreFilePrefix + new ChannelName(name).RequestSemaphore[1..];
        int excess = Encoding.UTF8.GetByteCount(longest) - NameMax;
        return excess > 0 ? $"{label} is {excess} bytes too long." : null;
    }
}
