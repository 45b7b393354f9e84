using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

public sealed partial class NamedSemaphore
{
    /// <summary>Reads the count of a semaphore without opening it: for a look at one whose owner is not trusted, or that may only be read.</summary>
    /// <remarks>sem_open(3) maps what it opens, and a mapped file that its owner truncates kills whoever looks. This reads the file.</remarks>
    /// <returns>False if there is no semaphore of that name, or it cannot be read.</returns>
    internal static bool TryReadCount(string name, out int count)
    {
        Platform.Check();
        name = PosixName.ForSemaphore(name);
        count = 0;
        try
        {
            if (!SegmentReader.TryOpenFile(PosixName.SemaphorePath(name), name, out SafeFileHandle? file))
            {
                return false;
            }

            using (file)
            {
                // The first 32 bits of sem_t hold the value, below a bit for waiters: glibc bits of struct new_sem on little-endian 64-bit, musl __val[0].
                Span<byte> semaphore = stackalloc byte[Interop.SemaphoreSize];
                if (FileStatus.Of(file).Length != Interop.SemaphoreSize || RandomAccess.Read(file, semaphore, 0) != Interop.SemaphoreSize)
                {
                    return false;
                }

                count = BinaryPrimitives.ReadInt32LittleEndian(semaphore) & MaxCount;
                return true;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
