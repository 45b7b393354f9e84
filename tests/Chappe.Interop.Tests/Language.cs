namespace Chappe.Interop.Tests;

/// <summary>
/// A language that a peer is written in. All have the same two programs with the same command line: <c>requester CHANNEL …</c> and
/// <c>responder CHANNEL FOLDER …</c>, as peers/c/requester.c and peers/c/responder.c have it.
/// </summary>
internal sealed record Language(string Name, Func<string[]> RequesterCommand, Func<string[]> ResponderCommand)
{
    private static readonly Language[] All =
    [
        new("C#", () => [ChappePeer, "requester"], () => [ChappePeer, "responder"]),
        new("C", () => [Programs.Of("c requester")], () => [Programs.Of("c responder")]),
        new("C++", () => [Programs.Of("c++ requester")], () => [Programs.Of("c++ responder")]),
        new("Python", () => ["python3", Programs.Source("python/server.py")], () => ["python3", Programs.Source("python/client.py")]),
    ];

    /// <summary>
    /// Requester and responder; not both C#, which the other test projects have. C++ has the same source as C: it is there to see that it compiles as that too, and
    /// meets C# only.
    /// </summary>
    public static TheoryData<string, string> Pairs =>
        new(Names.SelectMany(requester => Names.Select(responder => (requester, responder)))
            .Where(pair => pair is not ("C#", "C#") && ((pair.requester != "C++" && pair.responder != "C++") || pair.requester == "C#" || pair.responder == "C#")));

    /// <summary>Each language, as requester and as responder.</summary>
    public static IEnumerable<string> Each => Names.Where(name => name != "C++");

    /// <summary>The same without Python, whose module is not developed further.</summary>
    public static IEnumerable<string> Maintained => Each.Where(name => name != "Python");

    /// <summary>Who dies, and who lives on and comes after: one of the two is C#, which the other languages are measured by.</summary>
    public static IEnumerable<(string Victim, string Survivor)> Deaths =>
        Names.Where(name => name is not "C#" and not "C++").SelectMany(name => new[] { (name, "C#"), ("C#", name) });

    /// <summary>The languages but C#.</summary>
    public static TheoryData<string> Foreign => [.. Names.Where(name => name != "C#")];

    private static string ChappePeer => Path.Combine(AppContext.BaseDirectory, "Chappe.Interop.Peer");

    private static IEnumerable<string> Names =>
        All.Select(language => language.Name).Where(name => name != "Python" || (File.Exists(Programs.Source("python/server.py")) && Programs.HasCommand("python3")));

    public static Language Of(string name) => All.Single(language => language.Name == name);
}
