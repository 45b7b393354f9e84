using System.Diagnostics;

namespace Chappe.Exchange.Tests;

/// <summary>The program in C that speaks only the basic level: tests/peers/basic.c.</summary>
internal sealed class BasicPeer : ChildProcess
{
    private BasicPeer(ProcessStartInfo start)
        : base(start)
    {
    }

    internal static BasicPeer Start(string verb, string channel, params IEnumerable<string> arguments)
    {
        string program = CProgram.Compile(Path.Combine(AppContext.BaseDirectory, "basic.c"));
        return new BasicPeer(new ProcessStartInfo(program, [verb, "--channel", channel, .. arguments]));
    }

    /// <summary>Its input means nothing to it. Killed, it leaves its names to the test.</summary>
    protected override void EndInput() => Kill();
}
