namespace Chappe.Interop.Tests;

/// <summary>
/// A language that a peer is written in. All have the same two programs with the same command line: <c>server CHANNEL …</c> and
/// <c>client CHANNEL FOLDER …</c>, as peers/c/server.c and peers/c/client.c have it.
/// </summary>
internal sealed record Language(string Name, Func<string[]> ServerCommand, Func<string[]> ClientCommand)
{
    private static readonly Language[] All =
    [
        new("C#", () => [ChappePeer, "server"], () => [ChappePeer, "client"]),
        new("C", () => [Programs.Of("c server")], () => [Programs.Of("c client")]),
        new("C++", () => [Programs.Of("c++ server")], () => [Programs.Of("c++ client")]),
        new("Python", () => ["python3", Programs.Source("python/server.py")], () => ["python3", Programs.Source("python/client.py")]),
    ];

    /// <summary>
    /// Server and client; not both C#, which the other test projects have. C++ has the same source as C: it is there to see that it compiles as that too, and
    /// meets C# only.
    /// </summary>
    public static TheoryData<string, string> Pairs =>
        new(Names.SelectMany(server => Names.Select(client => (server, client)))
            .Where(pair => pair is not ("C#", "C#") && ((pair.server != "C++" && pair.client != "C++") || pair.server == "C#" || pair.client == "C#")));

    /// <summary>Each language, as server and as client.</summary>
    public static IEnumerable<string> Each => Names.Where(name => name != "C++");

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
