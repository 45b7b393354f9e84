using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>
/// A segment in this process's address space: mapped once, over the most it may become, and never moved. What has no file behind it yet
/// appears at the same address when either side makes the file longer.
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

    /// <summary>Reserves <paramref name="wanted"/> bytes, or fewer where the system refuses (RLIMIT_AS), but not fewer than <paramref name="least"/>.</summary>
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
                // A core dump of gigabytes of somebody's images, and a copy in every forked child, help nobody. Advice: its failure costs nothing.
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
