using System.Diagnostics;
using System.Globalization;
using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>One test's channel and the processes on it. At the end all of them are gone, and so is the channel.</summary>
internal sealed class Scene : IDisposable
{
    /// <summary>A death is learned within 100 ms by design; the bound is for a machine that does much else.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    /// <summary>For what includes that a process takes up its role for the first time, just in time compilation and all.</summary>
    public static readonly TimeSpan BoundWithStart = TimeSpan.FromSeconds(15);

    private readonly List<PeerProcess> _peers = [];

    public string Channel { get; } = $"fault-test-{Guid.NewGuid():N}";

    /// <summary>A requester that has its channel.</summary>
    public async Task<PeerProcess> RequesterAsync(string options = "")
    {
        PeerProcess peer = Peer();
        await peer.AskAsync($"requester {Channel} {options}", "created");
        return peer;
    }

    /// <summary>A responder that is attached.</summary>
    public async Task<PeerProcess> ResponderAsync(string options = "")
    {
        PeerProcess peer = StartResponder(options);
        await peer.HearAsync("state Attached");
        return peer;
    }

    public async Task<PeerProcess> StandByAsync(string options = "")
    {
        PeerProcess peer = StartResponder(options);
        await peer.HearAsync("state StandingBy");
        return peer;
    }

    public PeerProcess StartResponder(string options = "")
    {
        PeerProcess peer = Peer();
        peer.Tell($"responder {Channel} {options}");
        return peer;
    }

    /// <summary>A peer without a role, which dies or stops where it is told.</summary>
    public async Task<PeerProcess> FaultyAsync(string step, string how)
    {
        PeerProcess peer = Peer();
        await ArmAsync(peer, step, how);
        return peer;
    }

    public static Task ArmAsync(PeerProcess peer, string step, string how) => peer.AskAsync($"fault {step} {how}", "armed");

    public PeerProcess Peer() => Add(PeerPool.Take());

    public PeerProcess Add(PeerProcess peer)
    {
        lock (_peers)
        {
            _peers.Add(peer);
        }

        return peer;
    }

    /// <summary>CTRL as it stands.</summary>
    public ControlSegment OpenControl()
    {
        Assert.True(ControlSegment.TryOpen(new ChannelName(Channel).ControlSegment, new SharedObjectOptions(), out ControlSegment? control));
        return control;
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(1, patience.Token);
        }
    }

    /// <summary>A hundred exchanges, each byte of them right.</summary>
    public static async Task ExchangeHundredAsync(PeerProcess requester, string options = "") =>
        Assert.Equal("many 100 right", await requester.AskAsync($"many 100 hundred {options}", "many"));

    public static async Task ExchangeOneAsync(PeerProcess requester, string name = "first-777") =>
        Assert.StartsWith("answer right", await requester.AskAsync($"ask {name}", "answer"), StringComparison.Ordinal);

    /// <summary>Asserts that something was learned in time, and says in how much.</summary>
    public static void AssertLearned(long from, long to, string what, TimeSpan? bound = null)
    {
        TimeSpan latency = Stopwatch.GetElapsedTime(from, to);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"latency {latency.TotalMilliseconds:F1} ms: {what}"));
        Assert.True(latency < (bound ?? Bound), $"{what} took {latency}.");
    }

    /// <summary>Ends everything in order and looks that nothing is left.</summary>
    public async Task EndAsync(PeerProcess requester, params PeerProcess[] responders)
    {
        await requester.AskAsync("close", "closed");
        foreach (PeerProcess responder in responders)
        {
            await responder.AskAsync("close", "closed");
        }

        AssertNothingIsLeft();
    }

    public void AssertNothingIsLeft() => Assert.Empty(Names());

    public void Dispose()
    {
        foreach (PeerProcess peer in _peers)
        {
            peer.Dispose();
        }

        // Only a test that failed has left any.
        foreach (string file in Names())
        {
            File.Delete(file);
        }
    }

    public IEnumerable<string> Names() =>
        Directory.EnumerateFileSystemEntries("/dev/shm").Where(file => file.Contains(Channel, StringComparison.Ordinal));
}
