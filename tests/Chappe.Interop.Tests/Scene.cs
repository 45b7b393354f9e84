using System.Globalization;

namespace Chappe.Interop.Tests;

/// <summary>One test's channel and the processes on it. At the end all of them are gone, and so is the channel.</summary>
internal sealed class Scene : IDisposable
{
    private readonly List<PeerProcess> _peers = [];

    public string Channel { get; } = $"interop-test-{Guid.NewGuid():N}";

    /// <summary>A requester that has its channel, or one that is to die before it says so.</summary>
    public RequesterPeer StartRequester(string language, string options = "", string? dieAt = null, string? stopAt = null) =>
        Add(new RequesterPeer([.. Language.Of(language).RequesterCommand(), Channel, .. Split(options)], ("CHAPPE_DIE_AT", dieAt), ("CHAPPE_STOP_AT", stopAt)));

    public async Task<RequesterPeer> RequesterAsync(string language, string options = "", string? dieAt = null)
    {
        RequesterPeer requester = StartRequester(language, options, dieAt);
        Assert.Equal("open", await requester.HearAsync("open", "error"));
        return requester;
    }

    public ResponderPeer StartResponder(string language, string options = "", string? dieAt = null, string? stopAt = null, string? folder = null) =>
        Add(new ResponderPeer([.. Language.Of(language).ResponderCommand(), Channel, folder ?? Folder.Path, .. Split(options)], ("CHAPPE_DIE_AT", dieAt), ("CHAPPE_STOP_AT", stopAt)));

    public async Task<ResponderPeer> ResponderAsync(string language, string options = "", string? dieAt = null)
    {
        ResponderPeer responder = StartResponder(language, options, dieAt);
        await responder.AttachedAsync();
        return responder;
    }

    public PeerProcess StartBasic(string arguments) => Add(new PeerProcess([Programs.Of("basic"), .. Split(arguments)]));

    public IEnumerable<string> Names() =>
        Directory.EnumerateFileSystemEntries("/dev/shm").Where(file => file.Contains(Channel, StringComparison.Ordinal));

    public void Unlink(string objectName) => File.Delete(Names().Single(file => file.EndsWith(objectName, StringComparison.Ordinal)));

    /// <summary>The files behind the names: an adopted home has the same, another one has not.</summary>
    public async Task<Dictionary<string, ulong>> InodesAsync()
    {
        using var stat = new PeerProcess(["stat", "--format", "%i %n", .. Names()]);
        Assert.Equal(0, await stat.EndAsync());
        return stat.Heard.Split('\n').Select(line => line.Split(' ')).ToDictionary(words => words[1], words => ulong.Parse(words[0], CultureInfo.InvariantCulture));
    }

    /// <summary>Ends everything in order and looks that nothing is left.</summary>
    public async Task EndAsync(RequesterPeer requester, params ResponderPeer[] responders)
    {
        await requester.CloseAsync();
        foreach (ResponderPeer responder in responders)
        {
            await responder.CloseAsync();
        }

        Assert.Empty(Names());
    }

    public void Dispose()
    {
        foreach (PeerProcess peer in _peers)
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"--- {peer.GetType().Name}\n{peer.Heard}");
            }

            peer.Dispose();
        }

        // Only a test that failed has left any.
        foreach (string file in Names())
        {
            File.Delete(file);
        }
    }

    private static string[] Split(string arguments) => arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private T Add<T>(T peer)
        where T : PeerProcess
    {
        _peers.Add(peer);
        return peer;
    }
}
