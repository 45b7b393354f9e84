using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>Looks at the machine, changing nothing, and says what is fit for Chappe and what is not.</summary>
internal static class Doctor
{
    public static IReadOnlyList<Finding> Examine()
    {
        var machine = new MachineFiles();
        return
        [
            .. Look("space", () => [SharedMemoryChecks.Space()]),
            .. Look("permissions", () => [SharedMemoryChecks.Permissions()]),
            .. Look("memory cgroup", () => [MemoryGroupCheck.Run(machine, SharedMemorySpace.Get().TotalBytes)]),
            .. Look("names", () => [NamesCheck.Run()]),
            .. Look("RemoveIPC", () => [LogindCheck.Run(machine, Accounts.CurrentUserId)]),
            .. Look("fs.protected_regular", () => [SystemChecks.ProtectedFiles(machine)]),
            .. Look("kernel", () => [SystemChecks.Kernel(machine)]),
            .. Look("C library", () => [SystemChecks.Library()]),
            .. Look("features", SystemChecks.Features),
            .. Look("open files", () => [LimitChecks.OpenFiles(machine)]),
            .. Look("address space", () => [LimitChecks.AddressSpace(machine)]),
        ];
    }

    private static IEnumerable<Finding> Look(string check, Func<IEnumerable<Finding>> look)
    {
        try
        {
            return look();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            return [Finding.Problem(check, exception.Message, "Chappe needs a tmpfs on /dev/shm with mode 1777.")];
        }
    }
}
