using NetVips;

namespace Chappe.Images;

/// <summary>libvips is one for the whole process; what it needs is set once, before its first use here.</summary>
internal static class Libvips
{
    static Libvips()
    {
        if (ModuleInitializer.VipsInitialized)
        {
            // The cache keeps operations, and with them open files and decoders, of pictures that were answered long ago.
            Cache.Max = 0;

            // A damaged picture also is a line on standard error, where it disturbs whoever draws there. The exception says it already.
            Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, static (_, _, _) => { });
        }
    }

    /// <exception cref="DllNotFoundException">libvips is missing or does not start.</exception>
    public static void EnsureLoaded()
    {
        if (!ModuleInitializer.VipsInitialized)
        {
            throw new DllNotFoundException(
                "libvips could not be loaded. The file libvips.so.42 of the package NetVips.Native belongs beside the program.",
                ModuleInitializer.Exception);
        }
    }
}
