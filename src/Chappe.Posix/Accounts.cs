using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Chappe.Posix;

/// <summary>Looks up users and groups by name or by id, through the system's name service. This includes those of a directory service.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class Accounts
{
    /// <summary>The largest buffer, in bytes. It exceeds what a group with a reasonable number of members needs.</summary>
    private const int LargestText = 1 << 20;

    private delegate int Lookup(out Interop.AccountBuffer account, byte* text, nuint length, out nint found);

    /// <summary>The effective user id of this process.</summary>
    public static long CurrentUserId => Interop.EffectiveUserId();

    /// <summary>Returns the id of a user.</summary>
    /// <returns>Null if no user has that name.</returns>
    public static long? FindUserId(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Find((out account, text, length, out found) => Interop.UserByName(name, out account, text, length, out found), static account => (long?)account.Id);
    }

    /// <summary>Returns the id of a group.</summary>
    /// <returns>Null if no group has that name.</returns>
    public static long? FindGroupId(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Find((out account, text, length, out found) => Interop.GroupByName(name, out account, text, length, out found), static account => (long?)account.Id);
    }

    /// <summary>Returns the name of a user.</summary>
    /// <returns>Null if no user has that id.</returns>
    public static string? FindUserName(long id) =>
        Find((out account, text, length, out found) => Interop.UserById((uint)id, out account, text, length, out found), NameOf);

    /// <summary>Returns the name of a group.</summary>
    /// <returns>Null if no group has that id.</returns>
    public static string? FindGroupName(long id) =>
        Find((out account, text, length, out found) => Interop.GroupById((uint)id, out account, text, length, out found), NameOf);

    private static string? NameOf(Interop.AccountBuffer account) => Marshal.PtrToStringUTF8(account.Name);

    /// <summary>Treats a failure of the lookup itself, such as a directory service that does not respond, as not found.</summary>
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
                    // The name points into the buffer, so it is copied while the buffer is pinned.
                    return error == 0 && found != 0 ? select(account) : default;
                }
            }
        }

        return default;
    }
}
