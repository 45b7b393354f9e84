using System.Diagnostics;

namespace Chappe.Benchmarks;

/// <summary>This program, started once more as the other side. It ends when its input does, so it never outlives this process.</summary>
internal sealed class PeerProcess : IDisposable
{
    public const string Verb = "peer";
    public const string Ready = "ready";

    private readonly Process _process;

    private PeerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="arguments">Which contender it is, and what that needs.</param>
    public static PeerProcess Start(params IEnumerable<string> arguments)
    {
        PeerProcess peer = StartWithoutWaiting(arguments);
        peer.WaitUntilReady();
        return peer;
    }

    public static PeerProcess StartWithoutWaiting(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(PeerProcess).Assembly.Location);
        }

        foreach (string argument in arguments.Prepend(Verb))
        {
            start.ArgumentList.Add(argument);
        }

        return new PeerProcess(Process.Start(start)!);
    }

    public void WaitUntilReady()
    {
        if (_process.StandardOutput.ReadLine() is not Ready)
        {
            throw new InvalidOperationException("The second process ended before it was ready.");
        }
    }

    /// <summary>Lets all its threads run on one processor only; -1 for all that this process may use.</summary>
    public void Pin(int processor)
    {
        _process.StandardInput.WriteLine(processor);
        _process.StandardInput.Flush();
        WaitUntilReady();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
