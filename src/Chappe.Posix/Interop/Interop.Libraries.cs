using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Chappe.Posix;

/// <summary>The C library, one family of functions a file.</summary>
internal static partial class Interop
{
    private const string C = "libc";

    /// <summary>sem_*: in libc since glibc 2.34, in libpthread before.</summary>
    private const string Semaphores = "libpthread";

    /// <summary>shm_*: in libc since glibc 2.34, in librt before.</summary>
    private const string Segments = "librt";

    private static readonly string[] CNames = ["libc.so.6", $"libc.musl-{MuslArchitecture}.so.1", "libc.so"];

    private static string MuslArchitecture => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The resolver must be there before the first native call, and a static constructor would be checked at each of them.")]
    internal static void UseResolver() => NativeLibrary.SetDllImportResolver(typeof(Interop).Assembly, Resolve);

    /// <summary>True if the C library has this function.</summary>
    internal static bool HasFunction(string name) =>
        TryLoad(CNames, name, out _) || TryLoad(["libpthread.so.0", "librt.so.1"], name, out _);

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? searchPath)
    {
        (string function, string olderHome)? wanted = library switch
        {
            C => ("open", ""),
            Semaphores => ("sem_open", "libpthread.so.0"),
            Segments => ("shm_open", "librt.so.1"),
            _ => null,
        };

        if (wanted is null)
        {
            return 0;
        }

        return TryLoad([.. CNames, wanted.Value.olderHome], wanted.Value.function, out nint handle) ? handle : 0;
    }

    private static bool TryLoad(string[] libraries, string function, out nint handle)
    {
        foreach (string library in libraries)
        {
            if (library.Length > 0 && NativeLibrary.TryLoad(library, out handle) && NativeLibrary.TryGetExport(handle, function, out _))
            {
                return true;
            }
        }

        handle = 0;
        return false;
    }
}
