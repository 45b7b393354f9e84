namespace Chappe.Posix;

internal static class Platform
{
    /// <summary>Fails with a clear message where a native function would be missing or a structure would differ.</summary>
    internal static void Check()
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            throw new PlatformNotSupportedException("Chappe requires 64-bit Linux: it uses the POSIX named semaphores and shared memory of that system.");
        }
    }
}
