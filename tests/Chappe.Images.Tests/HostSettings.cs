using System.Runtime.CompilerServices;
using NetVips;

namespace Chappe.Images.Tests;

/// <summary>The tests' process uses libvips itself and has set it up before Chappe does anything, as a program of a user may.</summary>
internal static class HostSettings
{
    public const int CacheMax = 61;
    public const int CacheMaxFiles = 62;
    public const ulong CacheMaxMemory = 63 << 20;

    private static int _warnings;

    /// <summary>How often libvips has warned, by the program's own handler.</summary>
    public static int Warnings => Volatile.Read(ref _warnings);

    [ModuleInitializer]
    internal static void Apply()
    {
        (Cache.Max, Cache.MaxFiles, Cache.MaxMem) = (CacheMax, CacheMaxFiles, CacheMaxMemory);
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, static (_, _, _) => Interlocked.Increment(ref _warnings));
    }
}
