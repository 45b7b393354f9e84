namespace Chappe.Tool;

/// <summary>systemd's RemoveIPC: whether a user's objects are deleted from /dev/shm, even in use, when the user's last session ends.</summary>
internal static class LogindCheck
{
    private const string Check = "RemoveIPC";

    /// <summary>SYS_UID_MAX of most distributions, see login.defs(5). systemd keeps the objects of system users.</summary>
    private const long LastSystemUser = 999;

    /// <summary>The directories of systemd's configuration, in order of precedence, see logind.conf(5).</summary>
    private static readonly string[] Directories = ["/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"];

    public static Finding Run(MachineFiles machine, long user)
    {
        if (!machine.Exists("/run/systemd/system"))
        {
            return Finding.Ok(Check, "systemd is not running.");
        }

        if (!Removes(machine))
        {
            return Finding.Ok(Check, "Off: objects stay in /dev/shm when a user logs out.");
        }

        return user <= LastSystemUser
            ? Finding.Ok(Check, $"On, but it keeps the objects of system users, and user {user} is one.")
            : Finding.Note(
                Check,
                $"On: when the last session of user {user} ends, systemd deletes that user's objects in /dev/shm, even those in use.",
                "For a channel that must outlive the session: run it as a system user, enable lingering (loginctl enable-linger USER), or set RemoveIPC=no in /etc/systemd/logind.conf.");
    }

    /// <summary>The last setting wins: the main file first, then the drop-ins ordered by name. Of drop-ins with the same name only the first directory's counts.</summary>
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
