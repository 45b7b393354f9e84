using System.Globalization;

namespace Chappe.Benchmarks;

internal static class Names
{
    private static readonly string Prefix = string.Create(CultureInfo.InvariantCulture, $"chappe-bench-{Environment.ProcessId}-");

    private static int _last;

    /// <summary>A name that no other run uses at this time.</summary>
    public static string Unique() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Interlocked.Increment(ref _last)}");

    /// <summary>Removes what a run that was interrupted has left in /dev/shm.</summary>
    public static void RemoveAll()
    {
        foreach (string path in Directory.EnumerateFiles("/dev/shm", $"*{Prefix}*"))
        {
            File.Delete(path);
        }
    }
}
