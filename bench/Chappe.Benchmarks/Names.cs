using System.Globalization;

namespace Chappe.Benchmarks;

internal static class Names
{
    private static int _last;

    /// <summary>A name that no other run uses at this time.</summary>
    public static string Unique() =>
        string.Create(CultureInfo.InvariantCulture, $"chappe-bench-{Environment.ProcessId}-{Interlocked.Increment(ref _last)}");
}
