using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>The options for permissions and trust. Each call returns a new instance.</summary>
internal static class AccessOptions
{
    public const UnixFileMode UsualMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode AllPermissions = (UnixFileMode)0x1FF;

    public static Option<UnixFileMode?> Mode() => new("--mode")
    {
        Description = "The permissions of the channel's objects, in octal; the umask does not apply. Default: 0600. "
            + "Every user with access can read and change all payloads.",
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
        Description = "The group of the channel's objects, by name or number. With --mode 0660 its members can use the channel.",
        HelpName = "NAME|GID",
        CustomParser = result => (int?)Resolve(result, result.Tokens[0].Value, "group", Accounts.FindGroupId),
    };

    public static Option<long[]> Owners() => new("--owner")
    {
        Description = "A user, by name or number, whose channels to accept besides your own; repeatable. "
            + "That user can crash this process.",
        HelpName = "USER|UID",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result => [.. result.Tokens.Select(token => Resolve(result, token.Value, "user", Accounts.FindUserId) ?? 0)],
    };

    public static Option<bool> Untrusted(string peer) => new("--untrusted")
    {
        Description = $"Do not trust the {peer}: copy payloads, so that it cannot change or truncate them during use.",
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
        // The largest 32-bit id means "none" to the kernel.
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
