namespace Chappe.Posix;

internal static class Platform
{
    /// <summary>Says in a sentence what would otherwise be a missing function or a wrong structure.</summary>
    internal static void Check()
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            throw new PlatformNotSupportedException("Chappe speaks POSIX named semaphores and shared memory as 64-bit Linux has them; this is another system.");
        }
    }
}
