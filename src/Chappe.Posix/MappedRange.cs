using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>
/// A segment in the address space of this process. It is mapped once, over its maximum length, and never moves. When any process extends the file,
/// the new bytes appear in the addresses reserved for them.
/// </summary>
internal sealed class MappedRange : SafeHandleMinusOneIsInvalid
{
    private MappedRange(nint address, long length)
        : base(ownsHandle: true)
    {
        SetHandle(address);
        Length = length;
    }

    internal long Length { get; }

    internal unsafe byte* Pointer => (byte*)handle;

    /// <summary>Reserves <paramref name="wanted"/> bytes, or fewer if the system refuses (RLIMIT_AS), but at least <paramref name="least"/>.</summary>
    internal static MappedRange Map(SafeFileHandle file, string name, long wanted, long least)
    {
        while (true)
        {
            nint address = Interop.Map(
                0,
                (nuint)wanted,
                Interop.PROT_READ | Interop.PROT_WRITE,
                Interop.MAP_SHARED | Interop.MAP_NORESERVE,
                file,
                0);

            if (address != Interop.MapFailed)
            {
                // Gigabytes of payload have no use in a core dump or in a forked child. The kernel may ignore the advice, so a failure is harmless.
                _ = Interop.Advise(address, (nuint)wanted, Interop.MADV_DONTDUMP);
                _ = Interop.Advise(address, (nuint)wanted, Interop.MADV_DONTFORK);
                return new MappedRange(address, wanted);
            }

            if (Marshal.GetLastPInvokeError() != Interop.ENOMEM || wanted <= least)
            {
                throw Failure.FromLastError($"map {wanted:N0} bytes of", name);
            }

            wanted = Math.Max(least, wanted / 2);
        }
    }

    protected override bool ReleaseHandle() => Interop.Unmap(handle, (nuint)Length) == 0;
}
