using System.Diagnostics;

namespace Chappe.Exchange.Tests;

/// <summary>Chappe in a process of its own: tests/Chappe.Exchange.Peer.</summary>
internal sealed class ChappePeer : ChildProcess
{
    private ChappePeer(ProcessStartInfo start)
        : base(start)
    {
    }

    /// <param name="prefix">A command that runs the program, such as <c>setpriv</c>, with its arguments.</param>
    internal static async Task<ChappePeer> StartAsync(params string[] prefix)
    {
        string[] command = [.. prefix, Path.Combine(AppContext.BaseDirectory, "Chappe.Exchange.Peer")];
        var start = new ProcessStartInfo(command[0], command[1..]);
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(typeof(object).Assembly.Location, "../../../.."));

        // It starts faster without what it does not need.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        var peer = new ChappePeer(start);
        await peer.WaitForLineAsync("ready");
        return peer;
    }

    /// <summary>Tells it what to do.</summary>
    internal void Tell(params IEnumerable<string> words) => Write(string.Join('\t', words));
}
