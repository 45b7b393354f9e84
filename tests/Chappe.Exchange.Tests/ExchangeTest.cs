namespace Chappe.Exchange.Tests;

/// <summary>A test on a channel that no other has, of which nothing may be left in /dev/shm at its end.</summary>
public abstract class ExchangeTest : IAsyncDisposable
{
    private const string SharedMemoryDirectory = "/dev/shm";

    private readonly Stack<IAsyncDisposable> _kept = new();

    protected ExchangeTest() => Directory = Keep(new TemporaryDirectory());

    protected string Channel { get; } = $"chappe-test-{Guid.NewGuid():N}";

    private protected TemporaryDirectory Directory { get; }

    /// <summary>What of the channel is in /dev/shm.</summary>
    protected string[] Names => [.. System.IO.Directory.EnumerateFiles(SharedMemoryDirectory, $"*{Channel}*").Select(path => Path.GetFileName(path)).Order()];

    public async ValueTask DisposeAsync()
    {
        while (_kept.TryPop(out IAsyncDisposable? kept))
        {
            await kept.DisposeAsync();
        }

        string[] left = Names;
        RemoveNames();
        Assert.Empty(left);
    }

    /// <summary>Disposes it at the end, what was kept last first.</summary>
    private protected T Keep<T>(T kept)
        where T : class
    {
        _kept.Push(kept as IAsyncDisposable ?? new Disposal((IDisposable)kept));
        return kept;
    }

    /// <summary>The requester, in this process.</summary>
    protected Requester Own(RequesterOptions? options = null) =>
        Keep(Requester.Create(Channel, options ?? new RequesterOptions { Timeout = ChildProcess.Patience }));

    /// <summary>A requester in another process.</summary>
    private protected async Task<ChappePeer> StartRequesterAsync(PeerTrust trust = PeerTrust.Trusted)
    {
        ChappePeer requester = await StartPeerAsync();
        requester.Tell("own", Channel, $"{trust}");
        await requester.WaitForLineAsync("owns");
        return requester;
    }

    /// <summary>A responder in another process that makes up what the name asked for says, attached to the requester there is.</summary>
    private protected async Task<ChappePeer> StartResponderAsync(params string[] words)
    {
        ChappePeer responder = await StartPeerAsync();
        responder.Tell(["make", Channel, .. words]);
        await responder.WaitForLineAsync("Attached");
        return responder;
    }

    /// <summary>A responder in another process that serves the test's directory, attached to the requester there is.</summary>
    private protected async Task<ChappePeer> StartFileResponderAsync(params string[] words)
    {
        ChappePeer responder = await StartPeerAsync();
        responder.Tell(["serve", Channel, Directory.Path, .. words]);
        await responder.WaitForLineAsync("Attached");
        return responder;
    }

    private protected async Task<ChappePeer> StartPeerAsync(params string[] prefix) => Keep(await ChappePeer.StartAsync(prefix));

    private protected BasicPeer StartBasic(string verb, params IEnumerable<string> arguments) => Keep(BasicPeer.Start(verb, Channel, arguments));

    protected void RemoveNames()
    {
        foreach (string name in Names)
        {
            File.Delete(Path.Combine(SharedMemoryDirectory, name));
        }
    }

    /// <summary>Waits for what a program in C does without saying so.</summary>
    protected async Task WaitForNameAsync(string part)
    {
        using var patience = new CancellationTokenSource(ChildProcess.Patience);
        while (!Names.Any(name => name.Contains(part, StringComparison.Ordinal)))
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private sealed class Disposal(IDisposable kept) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            kept.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
