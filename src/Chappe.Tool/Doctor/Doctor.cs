using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>Checks whether this machine can run Chappe. Changes nothing.</summary>
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
