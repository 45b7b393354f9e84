using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>Options that say who may use a channel and who is trusted. Each call makes one of its own.</summary>
internal static class AccessOptions
{
    public const UnixFileMode UsualMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode AllPermissions = (UnixFileMode)0x1FF;

    public static Option<UnixFileMode?> Mode() => new("--mode")
    {
        Description = "The permissions of the channel's objects in octal, whatever the umask; 0600 if it is not given. "
            + "Whoever they let in can read and change every payload.",
        HelpName = "MODE",
        CustomParser = result =>
        {
            if (ParseMode(result.Tokens[0].Value) is { } mode)
            {
                return mode;
            }

            result.AddError($"--mode must be octal permissions that let the owner read and write, such as 0660, not {result.Tokens[0].Value}.");
            return null;
        },
    };

    public static Option<int?> Group() => new("--group")
    {
        Description = "The group of the channel's objects, by name or number; with --mode 0660 its members may use the channel.",
        HelpName = "NAME|GID",
        CustomParser = result => (int?)Resolve(result, result.Tokens[0].Value, "group", Accounts.FindGroupId),
    };

    public static Option<long[]> Owners() => new("--owner")
    {
        Description = "Another user whose objects may be used, by name or number; may be given several times. Without it only your own are used. "
            + "Such a user can end this process.",
        HelpName = "USER|UID",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => [.. result.Tokens.Select(token => Resolve(result, token.Value, "user", Accounts.FindUserId) ?? 0)],
    };

    public static Option<bool> Untrusted(string peer) => new("--untrusted")
    {
        Description = $"Do not trust the {peer} with payloads in place: copy them, so that it can neither change nor truncate one while it is used.",
    };

    public static PeerTrust TrustOf(bool untrusted) => untrusted ? PeerTrust.Untrusted : PeerTrust.Trusted;

    private static UnixFileMode? ParseMode(string given)
    {
        if (given.Length is < 3 or > 4 || given.Any(digit => digit is < '0' or > '7'))
        {
            return null;
        }

        var mode = (UnixFileMode)Convert.ToInt32(given, 8);
        return (mode & ~AllPermissions) == 0 && mode.HasFlag(UsualMode) ? mode : null;
    }

    private static long? Resolve(ArgumentResult result, string given, string kind, Func<string, long?> find)
    {
        // The kernel's ids are 32 bits wide, and the last one means "none".
        bool isNumber = long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out long id);
        if (isNumber && id < int.MaxValue)
        {
            return id;
        }

        if (!isNumber && given.Length > 0 && find(given) is { } found and < int.MaxValue)
        {
            return found;
        }

        result.AddError($"There is no {kind} {given}.");
        return null;
    }
}
