using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Chappe.Tool.Tests;

/// <summary>Restores the default action of SIGINT and SIGQUIT where this process was started with them ignored.</summary>
/// <remarks>
/// CI runners, and scripts that start a job in the background, do that. Children inherit it, and the program rightly honours it: then a test could not
/// interrupt them.
/// </remarks>
internal static partial class DefaultSignals
{
    private const int Quit = 3;
    private const nint Default = 0;

    [ModuleInitializer]
    internal static void Restore()
    {
        ulong ignored = Ignored();
        foreach (int signal in (ReadOnlySpan<int>)[ChappeProcess.Interrupt, Quit])
        {
            if ((ignored & (1UL << (signal - 1))) != 0)
            {
                _ = SetAction(signal, Default);
            }
        }
    }

    /// <summary>SigIgn of proc_pid_status(5): bit n - 1 stands for signal n.</summary>
    private static ulong Ignored()
    {
        const string Field = "SigIgn:";
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return ulong.Parse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetAction(int signal, nint action);
}
