using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>What to ask for on which channel, and where to save it.</summary>
internal sealed record AskPlan
{
    private const int DefaultRandomCount = 10;

    public required ChannelName Channel { get; init; }

    /// <summary>The names to ask for; empty to choose from the responder's list.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Whether to ask for every name once before the exchanges that are counted.</summary>
    public bool WarmsUp { get; init; }

    public bool Random { get; init; }

    public int? Count { get; init; }

    public int? Seed { get; init; }

    public RequestKind Want { get; init; } = RequestKind.File;

    public required IPayloadDestination Destination { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    public bool TakeOver { get; init; }

    public UnixFileMode Mode { get; init; } = AccessOptions.UsualMode;

    public int? GroupId { get; init; }

    public IReadOnlyCollection<long> AllowedOwners { get; init; } = [];

    public PeerTrust Trust { get; init; }

    /// <summary>The names to ask for, in order.</summary>
    /// <param name="names">The given names, or the responder's list; at least one.</param>
    public IEnumerable<string> Choose(IReadOnlyList<string> names)
    {
        if (!Random && Names.Count > 0)
        {
            return InOrder(names, Count ?? names.Count);
        }

        Random random = Seed is { } seed ? new Random(seed) : System.Random.Shared;
        return AtRandom(names, Count ?? DefaultRandomCount, random);
    }

    private static IEnumerable<string> InOrder(IReadOnlyList<string> names, int count)
    {
        for (int index = 0; index < count; index++)
        {
            yield return names[index % names.Count];
        }
    }

    private static IEnumerable<string> AtRandom(IReadOnlyList<string> names, int count, Random random)
    {
        string[] deck = [.. names];
        for (int index = 0; index < count; index++)
        {
            if (index % deck.Length == 0)
            {
                random.Shuffle(deck);
            }

            yield return deck[index % deck.Length];
        }
    }
}
