using System.Runtime.InteropServices;
using NetVips;

namespace Chappe.Images;

/// <summary>libvips as the whole process shares it. Its settings belong to the program, not to this library.</summary>
internal static partial class Libvips
{
    private const string Library = "libvips.so.42";

    private static readonly Lazy<bool> OwnProcess = new(Configure);

    /// <exception cref="DllNotFoundException">libvips is missing or does not start.</exception>
    public static void EnsureLoaded()
    {
        if (!ModuleInitializer.VipsInitialized)
        {
            throw new DllNotFoundException(
                $"libvips could not be loaded. Put the file {Library} of the package NetVips.Native beside the program.",
                ModuleInitializer.Exception);
        }
    }

    /// <summary>Turns off the operation cache and the warnings on standard error, for a process that uses libvips through this library only.</summary>
    /// <remarks>Does nothing where libvips cannot be loaded: the first use of an image reports that.</remarks>
    public static void ConfigureOwnProcess() => _ = OwnProcess.Value;

    /// <summary>Closes the decoder of an image, and with it the file, although operations in libvips' cache still refer to the image.</summary>
    /// <remarks>
    /// libvips caches each operation with its input. Without this call, the decoder of a served image would stay until the program's own
    /// operations displace the last operation on it. The image must not be evaluated afterwards.
    /// </remarks>
    public static void Close(Image image) => RunDispose(image);

    [LibraryImport(Library, EntryPoint = "g_object_run_dispose")]
    private static partial void RunDispose(GObject instance);

    private static bool Configure()
    {
        if (ModuleInitializer.VipsInitialized)
        {
            Cache.Max = 0;
            Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, static (_, _, _) => { });
        }

        return ModuleInitializer.VipsInitialized;
    }
}
