namespace Chappe.Exchange;

/// <summary>The limits that apply to both sides.</summary>
internal static class Limits
{
    /// <summary>The maximum length of a name in bytes: PATH_MAX of linux/limits.h.</summary>
    internal const int NameLength = 4096;

    /// <summary>
    /// The number of stray posts that one wait tolerates. A healthy channel has at most one. At about 50 ns each, this many take a few milliseconds.
    /// </summary>
    internal const int MaxStrayPosts = 65_536;

    /// <summary>How many times in a row a responder may hand a request back, refuse it, or move to another home, before it reports a violation of the protocol.</summary>
    internal const int MaxTakeAttempts = 1_000;

    /// <summary>
    /// The interval at which a wait without a post checks locks, names and its deadline. The death of a peer is noticed within 100 ms.
    /// </summary>
    internal static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(50);

    internal static ProtocolException TooManyStrayPosts(string semaphore) =>
        new($"'{semaphore}' was posted more than {MaxStrayPosts:N0} times without a request or an answer. Another program uses the channel's names: stop it, or choose another channel.");
}
