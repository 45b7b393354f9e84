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
    public async Task A_requester_of_ours_gets_what_a_responder_of_ours_has(bool requesterFirst, PeerTrust trust)
    {
        (ChappePeer requester, ChappePeer responder) = (await StartPeerAsync(), await StartPeerAsync());
        await StartInOrderAsync(requesterFirst, () => OwnAsync(requester, trust), () => ServeAsync(responder, trust));
        await AssertAllArriveAsync(requester, Ask(requester), "Extended");
        await responder.WaitForLineAsync("done");
    }

    [Theory]
    [InlineData(true, PeerTrust.Trusted)]
    [InlineData(false, PeerTrust.Trusted)]
    [InlineData(true, PeerTrust.Untrusted)]
    public async Task A_requester_of_ours_gets_what_a_basic_responder_has(bool requesterFirst, PeerTrust trust)
    {
        ChappePeer requester = await StartPeerAsync();
        BasicPeer responder = null!;
        await StartInOrderAsync(requesterFirst, () => OwnAsync(requester, trust), async () => responder = await StartBasicResponderAsync());
        await AssertAllArriveAsync(requester, Ask(requester), "Basic");
        Assert.Equal(0, await responder.WaitForExitAsync());
    }

    [Theory]
    [InlineData(true, PeerTrust.Trusted)]
    [InlineData(false, PeerTrust.Trusted)]
    [InlineData(true, PeerTrust.Untrusted)]
    public async Task A_basic_requester_gets_what_a_responder_of_ours_has(bool requesterFirst, PeerTrust trust)
    {
        ChappePeer responder = await StartPeerAsync();
        BasicPeer requester = null!;
        await StartInOrderAsync(requesterFirst, async () => requester = await StartBasicRequesterAsync(), () => ServeAsync(responder, trust));
        await AssertAllArriveAsync(requester, FromBasic);
        await responder.WaitForLineAsync("done");
        Assert.Equal(0, await requester.WaitForExitAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_basic_requester_gets_what_a_basic_responder_has(bool requesterFirst)
    {
        BasicPeer requester = null!, responder = null!;
        await StartInOrderAsync(requesterFirst, async () => requester = await StartBasicRequesterAsync(), async () => responder = await StartBasicResponderAsync());
        await AssertAllArriveAsync(requester, FromBasic);
        Assert.Equal(0, await requester.WaitForExitAsync());
        Assert.Equal(0, await responder.WaitForExitAsync());
    }

    private static async Task StartInOrderAsync(bool requesterFirst, Func<Task> startRequester, Func<Task> startResponder)
    {
        foreach (Func<Task> start in requesterFirst ? [startRequester, startResponder] : (Func<Task>[])[startResponder, startRequester])
        {
            await start();
        }
    }

    private async Task OwnAsync(ChappePeer requester, PeerTrust trust)
    {
        requester.Tell("own", Channel, $"{trust}");
        await requester.WaitForLineAsync("owns");
    }

    private async Task ServeAsync(ChappePeer responder, PeerTrust trust)
    {
        responder.Tell("serve", Channel, Directory.Path, $"count={Asked.Length}", $"trust={trust}");
        string state = await responder.ReadLineAsync();
        Assert.Contains(state, (string[])["WaitingForRequester", "Attached"]);
    }

    private async Task<BasicPeer> StartBasicRequesterAsync()
    {
        BasicPeer requester = StartBasic("server", Asked.Select(asked => asked.AskedFor));
        await WaitForNameAsync("_DATA");
        return requester;
    }

    private async Task<BasicPeer> StartBasicResponderAsync()
    {
        BasicPeer responder = StartBasic("client", "--count", $"{Asked.Length}", Directory.Path);
        await WaitForNameAsync("_RES");
        return responder;
    }

    private static Func<string, (string Name, long Length, string Hash, string Level)> Ask(ChappePeer requester)
    {
        requester.Tell(["ask", .. Asked.Select(asked => asked.AskedFor)]);
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

    private async Task AssertAllArriveAsync(ChildProcess requester, Func<string, (string Name, long Length, string Hash, string Level)> parse, string level = "Basic")
    {
        foreach ((_, string askedFor, int length) in Asked)
        {
            Assert.Equal((askedFor, length, _hashes[askedFor], level), parse(await requester.ReadLineAsync()));
        }
    }
}
