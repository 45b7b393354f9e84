using System.CommandLine;
using System.CommandLine.Parsing;
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
        option.Validators.Add(result =>
        {
            if (DescribeWrongChannel(result.GetValueOrDefault<string>()) is { } problem)
            {
                result.AddError(problem);
            }
        });
        return option;
    }

    public static Option<bool> Json() => new("--json")
    {
        Description = "Write one JSON object per exchange to standard output, and everything else to standard error.",
    };

    public static Option<int?> Count(string description)
    {
        var option = new Option<int?>("--count") { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (IsNumber(result) && result.GetValueOrDefault<int?>() < 1)
            {
                result.AddError("--count must be at least 1.");
            }
        });
        return option;
    }

    public static Option<string> Out() => new("--out")
    {
        Description = "The directory to save to; it is made if it is missing. A name's directories are left off (a/b.jpg is saved as b.jpg). "
            + "A file of the same name that is already there is replaced, once the new one is whole; "
            + "two different names never replace each other's files in one run.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "received",
    };

    /// <summary>A value that is no number has an error of its own already, and reading it would throw.</summary>
    public static bool IsNumber(OptionResult result) =>
        result.Tokens.Count == 1 && double.TryParse(result.Tokens[0].Value, out _) && !result.Errors.Any();

    private static string? DescribeWrongChannel(string? name)
    {
        const int NameMax = 255;
        const string SemaphoreFilePrefix = "sem.";
        if (string.IsNullOrEmpty(name))
        {
            return "--channel must not be empty.";
        }

        // The leading slash is no part of the file's name.
        string longest = SemaphoreFilePrefix + new ChannelName(name).RequestSemaphore[1..];
        int excess = Encoding.UTF8.GetByteCount(longest) - NameMax;
        return excess > 0 ? $"--channel is {excess} bytes too long." : null;
    }
}
