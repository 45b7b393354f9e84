using System.Globalization;
using System.Runtime.InteropServices;
using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.Interop.Peer;

/// <summary>Ends or stops this process at the step that CHAPPE_DIE_AT or CHAPPE_STOP_AT names, STEP or STEP:N for its N-th passing.</summary>
internal static partial class Fault
{
    private const int Kill = 9;
    private const int Stop = 19;

    /// <summary>None where a step is awaited: who spins may pass a post by, and so the step at which it would have taken it.</summary>
    internal static TimeSpan SpinBudget => FaultPoint.Reached is null ? NamedSemaphore.DefaultSpinBudget : TimeSpan.Zero;

    internal static void Arm()
    {
        Arm("CHAPPE_DIE_AT", step =>
        {
            Output.Say($"dies {step}");
            _ = SendSignal(Environment.ProcessId, Kill);
        });
        Arm("CHAPPE_STOP_AT", step =>
        {
            Output.Say($"stops {step}");

            // To this very thread: a signal to the process may reach another first, and this one would run on for a moment.
            _ = SendSignalToThread(CurrentThread(), Stop);
            Output.Say($"continues");
        });
    }

    private static void Arm(string variable, Action<Step> strike)
    {
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text)
        {
            return;
        }

        string[] parts = text.Split(':');
        Step awaited = Enum.Parse<Step>(parts[0]);
        int passings = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1;
        FaultPoint.Reached += step =>
        {
            if (step == awaited && Interlocked.Decrement(ref passings) == 0)
            {
                strike(step);
            }
        };
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "pthread_kill")]
    private static partial int SendSignalToThread(nint thread, int signal);

    [LibraryImport("libc", EntryPoint = "pthread_self")]
    private static partial nint CurrentThread();
}
