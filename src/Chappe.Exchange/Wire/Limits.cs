namespace Chappe.Exchange;

/// <summary>The numbers that both sides keep to.</summary>
internal static class Limits
{
    /// <summary>The longest name in bytes, as PATH_MAX (linux/limits.h).</summary>
    internal const int NameLength = 4096;

    /// <summary>
    /// The posts without news that one wait puts up with. A healthy channel has none or one; at some 50 ns each these are a few milliseconds.
    /// </summary>
    internal const int MaxStrayPosts = 65_536;

    /// <summary>How often in a row a responder finds its request withdrawn, refuses it, or follows to another home, before it looks at anything else.</summary>
    internal const int MaxTakeAttempts = 1_000;

    /// <summary>
    /// A waiter looks around this often, also without a post: at locks, names, its deadline. A peer's death is seen within 100 ms.
    /// </summary>
    internal static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(50);

    internal static ProtocolException TooManyStrayPosts(string semaphore) =>
        new($"'{semaphore}' was posted more than {MaxStrayPosts:N0} times without a reason. Another program uses the channel's names: stop it, or choose another channel.");
}
