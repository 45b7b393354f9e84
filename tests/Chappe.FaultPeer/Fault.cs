using System.Globalization;
using System.Runtime.InteropServices;
using Chappe.Exchange;

namespace Chappe.FaultPeer;

/// <summary>Ends or stops this process at the n-th passing of a step.</summary>
internal static partial class Fault
{
    /// <summary>The step that the peer's own handler passes: the library has no hook within somebody else's payload.</summary>
    internal const string PayloadHalfWritten = nameof(PayloadHalfWritten);

    private const int Kill = 9;
    private const int Stop = 19;

    private static volatile string? _step;
    private static bool _dies;
    private static int _passings;

    internal static void Arm(string step, int passing, string how)
    {
        _step = null;
        _dies = how == "die";
        _passings = passing;
        if (step == PayloadHalfWritten)
        {
            FaultPoint.Reached = null;
        }
        else
        {
            Step awaited = Enum.Parse<Step>(step);
            FaultPoint.Reached = passed =>
            {
                if (passed == awaited)
                {
                    Pass(step);
                }
            };
        }

        _step = step;
    }

    internal static void Pass(string step)
    {
        if (_step != step || Interlocked.Decrement(ref _passings) != 0)
        {
            return;
        }

        Output.Say(string.Create(CultureInfo.InvariantCulture, $"{(_dies ? "dies" : "stops")} {step} {Output.Now}"));
        if (_dies)
        {
            _ = SendSignal(Environment.ProcessId, Kill);
        }
        else
        {
            // To this very thread: a signal to the process may reach another first, and this one would run on for a moment.
            _ = SendSignalToThread(CurrentThread(), Stop);
            Output.Say("continues");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "pthread_kill")]
    private static partial int SendSignalToThread(nint thread, int signal);

    [LibraryImport("libc", EntryPoint = "pthread_self")]
    private static partial nint CurrentThread();
}
