namespace Chappe.Tool;

/// <summary>systemd's RemoveIPC: whether a user's objects vanish from /dev/shm when the user's last session ends, under whoever uses them.</summary>
internal static class LogindCheck
{
    private const string Check = "RemoveIPC";

    /// <summary>SYS_UID_MAX as most distributions have it (login.defs(5)): systemd leaves the objects of system users alone.</summary>
    private const long LastSystemUser = 999;

    /// <summary>Where systemd looks, the strongest first (logind.conf(5)).</summary>
    private static readonly string[] Directories = ["/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"];

    public static Finding Run(MachineFiles machine, long user)
    {
        if (!machine.Exists("/run/systemd/system"))
        {
            return Finding.Ok(Check, "systemd does not run here.");
        }

        if (!Removes(machine))
        {
            return Finding.Ok(Check, "no: objects stay in /dev/shm when a user logs out.");
        }

        return user <= LastSystemUser
            ? Finding.Ok(Check, $"yes, but it leaves the objects of system users alone, and user {user} is one.")
            : Finding.Note(
                Check,
                $"yes: when the last session of user {user} ends, systemd deletes that user's objects in /dev/shm under whoever uses them.",
                "For a channel that outlives a session: run it as a system user, let the user linger (loginctl enable-linger USER), or set RemoveIPC=no in /etc/systemd/logind.conf.");
    }

    /// <summary>The last setting wins: first the one main file, then the drop-ins by name, of which each name counts once.</summary>
    private static bool Removes(MachineFiles machine)
    {
        string? main = Directories.Select(directory => $"{directory}/logind.conf").FirstOrDefault(machine.Exists);
        IEnumerable<string> dropIns = Directories
            .SelectMany(directory => machine.Files($"{directory}/logind.conf.d", ".conf"))
            .DistinctBy(Path.GetFileName)
            .OrderBy(Path.GetFileName, StringComparer.Ordinal);

        string setting = "yes";
        foreach (string path in dropIns.Prepend(main).OfType<string>())
        {
            setting = Setting(machine.Read(path) ?? "") ?? setting;
        }

        return setting.ToLowerInvariant() is not ("no" or "n" or "false" or "f" or "off" or "0");
    }

    private static string? Setting(string text) =>
        text.Split('\n')
            .Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(parts => parts is ["RemoveIPC", { Length: > 0 }])
            .Select(parts => parts[1])
            .LastOrDefault();
}
