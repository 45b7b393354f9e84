using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Chappe.Posix;

/// <summary>Users and groups by name and by number, as the system's own lookup knows them: also those of a directory service.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class Accounts
{
    /// <summary>More than any group with a sane number of members needs; the buffer grows up to it.</summary>
    private const int LargestText = 1 << 20;

    private delegate int Lookup(out Interop.AccountBuffer account, byte* text, nuint length, out nint found);

    /// <summary>The user id that this process acts as.</summary>
    public static long CurrentUserId => Interop.EffectiveUserId();

    /// <summary>The id of a user.</summary>
    /// <returns>Null if there is no user of that name.</returns>
    public static long? FindUserId(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Find((out account, text, length, out found) => Interop.UserByName(name, out account, text, length, out found), static account => (long?)account.Id);
    }

    /// <summary>The id of a group.</summary>
    /// <returns>Null if there is no group of that name.</returns>
    public static long? FindGroupId(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Find((out account, text, length, out found) => Interop.GroupByName(name, out account, text, length, out found), static account => (long?)account.Id);
    }

    /// <summary>The name of a user.</summary>
    /// <returns>Null if no user has that id.</returns>
    public static string? FindUserName(long id) =>
        Find((out account, text, length, out found) => Interop.UserById((uint)id, out account, text, length, out found), NameOf);

    /// <summary>The name of a group.</summary>
    /// <returns>Null if no group has that id.</returns>
    public static string? FindGroupName(long id) =>
        Find((out account, text, length, out found) => Interop.GroupById((uint)id, out account, text, length, out found), NameOf);

    private static string? NameOf(Interop.AccountBuffer account) => Marshal.PtrToStringUTF8(account.Name);

    /// <summary>Failures of the lookup itself (a directory service that does not answer) count as not found.</summary>
    private static T? Find<T>(Lookup lookup, Func<Interop.AccountBuffer, T?> select)
    {
        Platform.Check();
        for (int length = 1024; length <= LargestText; length *= 4)
        {
            fixed (byte* text = new byte[length])
            {
                int error = lookup(out Interop.AccountBuffer account, text, (nuint)length, out nint found);
                if (error is not (Interop.ERANGE or Interop.EINTR))
                {
                    // The name lies in the text: it is copied while that stands.
                    return error == 0 && found != 0 ? select(account) : default;
                }
            }
        }

        return default;
    }
}
