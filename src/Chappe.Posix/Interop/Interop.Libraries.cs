using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Chappe.Posix;

/// <summary>The functions of the C library. Each file declares one family.</summary>
internal static partial class Interop
{
    private const string C = "libc";

    /// <summary>The library of sem_*: libc since glibc 2.34, libpthread before.</summary>
    private const string Semaphores = "libpthread";

    /// <summary>The library of shm_*: libc since glibc 2.34, librt before.</summary>
    private const string Segments = "librt";

    private static readonly string[] CNames = ["libc.so.6", $"libc.musl-{MuslArchitecture}.so.1", "libc.so"];

    private static string MuslArchitecture => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The resolver must be set before the first native call, and every native call would have to check a static constructor.")]
    internal static void UseResolver() => NativeLibrary.SetDllImportResolver(typeof(Interop).Assembly, Resolve);

    /// <summary>Whether the C library has a function.</summary>
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
