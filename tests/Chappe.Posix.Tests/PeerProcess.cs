using System.Diagnostics;

namespace Chappe.Posix.Tests;

/// <summary>A second process that does what it is told, a line at a time.</summary>
internal sealed class PeerProcess : IDisposable
{
    /// <summary>Much longer than anything takes on a machine with too much to do; a test that comes to it has failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private PeerProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start)!;
    }

    internal int Id => _process.Id;

    /// <summary>The peer in C#, after shell commands such as <c>umask 077</c>, as another user, or with a /dev/shm of its own.</summary>
    internal static async Task<PeerProcess> StartAsync(string? shell = null, bool asAnotherUser = false, string? sharedMemorySize = null)
    {
        var start = new ProcessStartInfo("/bin/sh");
        if (sharedMemorySize is not null)
        {
            Machine.RequireMounting();
            start.FileName = "unshare";
            start.ArgumentList.Add("-m");
            start.ArgumentList.Add("/bin/sh");
            shell = $"mount -t tmpfs -o size={sharedMemorySize} none /dev/shm && {shell ?? "true"}";
        }

        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"{shell ?? "true"} && exec \"$@\"");
        start.ArgumentList.Add("sh");
        if (asAnotherUser)
        {
            Machine.RequireAnotherUser();
            foreach (string word in new[] { "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups" })
            {
                start.ArgumentList.Add(word);
            }
        }

        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Chappe.Posix.Peer"));
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(typeof(object).Assembly.Location, "../../../.."));
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        return await StartAsync(start, mayFail: asAnotherUser);
    }

    /// <summary>The peer in C.</summary>
    internal static Task<PeerProcess> StartCAsync() => StartAsync(new ProcessStartInfo(CProgram.Path("peer")), mayFail: false);

    /// <summary>Tells it what to do.</summary>
    /// <returns>Its answer.</returns>
    internal async Task<string> AskAsync(string command)
    {
        Tell(command);
        return await AnswerAsync();
    }

    /// <summary>Tells it what to do and does not wait for the answer.</summary>
    internal void Tell(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }

    /// <summary>The next line it says.</summary>
    internal async Task<string> AnswerAsync()
    {
        string? line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        return line ?? throw new InvalidOperationException($"The peer ended: {await _process.StandardError.ReadToEndAsync()}");
    }

    /// <summary>Kills it with SIGKILL.</summary>
    internal async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static async Task<PeerProcess> StartAsync(ProcessStartInfo start, bool mayFail)
    {
        var peer = new PeerProcess(start);
        try
        {
            Assert.Equal("ready", await peer.AnswerAsync());
            return peer;
        }
        catch (Exception exception)
        {
            peer.Dispose();

            // Another user may not reach a build below a private home directory.
            Machine.Require(!mayFail || exception is not InvalidOperationException, "the other user cannot run the peer from here");
            throw;
        }
    }
}
