using System.Runtime.InteropServices;

namespace Chappe.Posix;

internal static partial class Interop
{
    internal const int ERANGE = 34;

    /// <summary>struct passwd and struct group, whose first fields match in glibc and musl: name, password, id.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    internal struct AccountBuffer
    {
        [FieldOffset(0)] internal nint Name;
        [FieldOffset(16)] internal uint Id;
    }

    // The error is the return value; errno is not set.
    [LibraryImport(C, EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial int UserByName(string name, out AccountBuffer account, byte* text, nuint length, out nint found);

    [LibraryImport(C, EntryPoint = "getpwuid_r")]
    internal static unsafe partial int UserById(uint id, out AccountBuffer account, byte* text, nuint length, out nint found);

    [LibraryImport(C, EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial int GroupByName(string name, out AccountBuffer account, byte* text, nuint length, out nint found);

    [LibraryImport(C, EntryPoint = "getgrgid_r")]
    internal static unsafe partial int GroupById(uint id, out AccountBuffer account, byte* text, nuint length, out nint found);
}
