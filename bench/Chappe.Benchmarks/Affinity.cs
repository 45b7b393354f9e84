using System.Globalization;
using System.Runtime.InteropServices;

namespace Chappe.Benchmarks;

/// <summary>On which processors this process may run.</summary>
internal static partial class Affinity
{
    /// <summary>1024 processors, as glibc's cpu_set_t.</summary>
    private const int MaskWords = 16;

    private static int[] _chosen = Allowed();

    public static IReadOnlyList<int> Chosen => _chosen;

    /// <summary>Keeps this process, and those that it starts, on the first so many processors it may use.</summary>
    public static void Choose(int count)
    {
        _chosen = [.. _chosen.Take(count)];
        PinProcess(-1);
    }

    /// <summary>Pins this thread.</summary>
    /// <param name="processor">Which one; -1 for all chosen ones.</param>
    public static void PinThread(int processor) => _ = SetAffinity(0, MaskWords * sizeof(ulong), MaskOf(processor));

    /// <summary>
    /// Pins all threads of this process. <see cref="Environment.ProcessorCount"/>, read once at its start, still is what it was: the library has to find
    /// out by itself that spinning does not pay.
    /// </summary>
    /// <param name="processor">Which one; -1 for all chosen ones.</param>
    public static void PinProcess(int processor)
    {
        ulong[] mask = MaskOf(processor);
        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            // A thread may have ended since.
            _ = SetAffinity(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), MaskWords * sizeof(ulong), mask);
        }
    }

    private static ulong[] MaskOf(int processor)
    {
        var mask = new ulong[MaskWords];
        foreach (int one in processor < 0 ? _chosen : [processor])
        {
            mask[one / 64] |= 1UL << (one % 64);
        }

        return mask;
    }

    private static int[] Allowed()
    {
        Span<ulong> mask = stackalloc ulong[MaskWords];
        mask.Clear();
        _ = GetAffinity(0, MaskWords * sizeof(ulong), mask);
        var processors = new List<int>();
        for (int processor = 0; processor < MaskWords * 64; processor++)
        {
            if ((mask[processor / 64] & (1UL << (processor % 64))) != 0)
            {
                processors.Add(processor);
            }
        }

        return [.. processors];
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint size, ReadOnlySpan<ulong> mask);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nint size, Span<ulong> mask);
}
