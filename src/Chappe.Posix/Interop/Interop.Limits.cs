using System.Runtime.InteropServices;

namespace Chappe.Posix;

internal static partial class Interop
{
    // The values of asm-generic/resource.h, which are the same on x86-64 and arm64.
    internal const int RLIMIT_FSIZE = 1;
    internal const int RLIMIT_NOFILE = 7;
    internal const ulong RLIM_INFINITY = ulong.MaxValue;

    [LibraryImport(C, EntryPoint = "getrlimit")]
    internal static partial int GetLimit(int resource, out ResourceLimit limit);

    /// <summary>struct rlimit with 64-bit words.</summary>
    internal struct ResourceLimit
    {
        internal ulong Current;
        internal ulong Maximum;
    }
}
