using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

public sealed partial class NamedSemaphore
{
    /// <summary>Reads the count of a semaphore without opening it. Use it for semaphores whose owner is not trusted, or that this process may only read.</summary>
    /// <remarks>sem_open(3) maps the file. If the owner truncates a mapped file, the next access kills the accessing process. This method reads the file instead.</remarks>
    /// <returns>False if no semaphore has that name, or it cannot be read.</returns>
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
                // The first 32 bits of sem_t hold the value: struct new_sem in glibc on little-endian 64-bit, __val[0] in musl. The top bit may mark waiters.
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
