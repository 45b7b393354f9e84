using System.Buffers;
using System.Globalization;
using Chappe.Exchange.Peer;

namespace Chappe.Exchange.Tests;

/// <summary>Who speaks with whom: both sides of both levels, two processes each, whoever starts first.</summary>
public sealed class PairingTests : ExchangeTest
{
    private const int Rounds = 13;

    /// <summary>Sizes around a page, and names that have to be found by their stem, with spaces, and beyond ASCII.</summary>
    private static readonly (string File, string AskedFor, int Length)[] Files =
    [
        ("empty.bin", "empty.bin", 0),
        ("one", "one", 1),
        ("below a page.bin", "below a page", 4095),
        ("page.bin", "page.bin", 4096),
        ("above a page.bin", "above a page.bin", 4097),
        ("größe 64 KiB.dat", "größe 64 KiB", 64 << 10),
        ("日本.jpg", "日本", 1 << 20),
        ("🦩 5 MiB.tiff", "🦩 5 MiB.tiff", 5 << 20),
    ];

    /// <summary>Up and down again, several hundred times in all.</summary>
    private static readonly (string File, string AskedFor, int Length)[] Asked =
        [.. Enumerable.Range(0, Rounds * 3).SelectMany(round => round % 2 == 0 ? Files : Files.Reverse())];

    private readonly Dictionary<string, string> _hashes = [];

    public PairingTests()
    {
        for (int i = 0; i < Files.Length; i++)
        {
            byte[] bytes = MadeUp.Bytes(Files[i].Length, seed: i);
            Directory.Write(Files[i].File, bytes);
            _hashes[Files[i].AskedFor] = MadeUp.Hash(new ReadOnlySequence<byte>(bytes));
        }
    }

    [Theory]
    [InlineData(true, PeerTrust.Trusted)]
    [InlineData(false, PeerTrust.Trusted)]
    [InlineData(true, PeerTrust.Untrusted)]
    public async Task A_server_of_ours_gets_what_a_client_of_ours_has(bool serverFirst, PeerTrust trust)
    {
        (ChappePeer server, ChappePeer client) = (await StartPeerAsync(), await StartPeerAsync());
        await StartInOrderAsync(serverFirst, () => OwnAsync(server, trust), () => ServeAsync(client, trust));
        await AssertAllArriveAsync(server, Ask(server), "Extended");
        await client.WaitForLineAsync("done");
    }

    [Theory]
    [InlineData(true, PeerTrust.Trusted)]
    [InlineData(false, PeerTrust.Trusted)]
    [InlineData(true, PeerTrust.Untrusted)]
    public async Task A_server_of_ours_gets_what_a_basic_client_has(bool serverFirst, PeerTrust trust)
    {
        ChappePeer server = await StartPeerAsync();
        BasicPeer client = null!;
        await StartInOrderAsync(serverFirst, () => OwnAsync(server, trust), async () => client = await StartBasicClientAsync());
        await AssertAllArriveAsync(server, Ask(server), "Basic");
        Assert.Equal(0, await client.WaitForExitAsync());
    }

    [Theory]
    [InlineData(true, PeerTrust.Trusted)]
    [InlineData(false, PeerTrust.Trusted)]
    [InlineData(true, PeerTrust.Untrusted)]
    public async Task A_basic_server_gets_what_a_client_of_ours_has(bool serverFirst, PeerTrust trust)
    {
        ChappePeer client = await StartPeerAsync();
        BasicPeer server = null!;
        await StartInOrderAsync(serverFirst, async () => server = await StartBasicServerAsync(), () => ServeAsync(client, trust));
        await AssertAllArriveAsync(server, FromBasic);
        await client.WaitForLineAsync("done");
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_basic_server_gets_what_a_basic_client_has(bool serverFirst)
    {
        BasicPeer server = null!, client = null!;
        await StartInOrderAsync(serverFirst, async () => server = await StartBasicServerAsync(), async () => client = await StartBasicClientAsync());
        await AssertAllArriveAsync(server, FromBasic);
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Equal(0, await client.WaitForExitAsync());
    }

    private static async Task StartInOrderAsync(bool serverFirst, Func<Task> startServer, Func<Task> startClient)
    {
        foreach (Func<Task> start in serverFirst ? [startServer, startClient] : (Func<Task>[])[startClient, startServer])
        {
            await start();
        }
    }

    private async Task OwnAsync(ChappePeer server, PeerTrust trust)
    {
        server.Tell("own", Channel, $"{trust}");
        await server.WaitForLineAsync("owns");
    }

    private async Task ServeAsync(ChappePeer client, PeerTrust trust)
    {
        client.Tell("serve", Channel, Directory.Path, $"count={Asked.Length}", $"trust={trust}");
        string state = await client.ReadLineAsync();
        Assert.Contains(state, (string[])["WaitingForServer", "Attached"]);
    }

    private async Task<BasicPeer> StartBasicServerAsync()
    {
        BasicPeer server = StartBasic("server", Asked.Select(asked => asked.AskedFor));
        await WaitForNameAsync("_DATA");
        return server;
    }

    private async Task<BasicPeer> StartBasicClientAsync()
    {
        BasicPeer client = StartBasic("client", "--count", $"{Asked.Length}", Directory.Path);
        await WaitForNameAsync("_RES");
        return client;
    }

    private static Func<string, (string Name, long Length, string Hash, string Level)> Ask(ChappePeer server)
    {
        server.Tell(["ask", .. Asked.Select(asked => asked.AskedFor)]);
        return line =>
        {
            string[] words = line.Split('\t');
            Assert.True(words.Length == 9, line);
            return (words[0], long.Parse(words[1], CultureInfo.InvariantCulture), words[8], words[7]);
        };
    }

    /// <summary>name bytes width height channels hash, where the name may hold spaces.</summary>
    private static (string Name, long Length, string Hash, string Level) FromBasic(string line)
    {
        string[] words = line.Split(' ');
        return (string.Join(' ', words[..^5]), long.Parse(words[^5], CultureInfo.InvariantCulture), words[^1], "Basic");
    }

    private async Task AssertAllArriveAsync(ChildProcess server, Func<string, (string Name, long Length, string Hash, string Level)> parse, string level = "Basic")
    {
        foreach ((_, string askedFor, int length) in Asked)
        {
            Assert.Equal((askedFor, length, _hashes[askedFor], level), parse(await server.ReadLineAsync()));
        }
    }
}
