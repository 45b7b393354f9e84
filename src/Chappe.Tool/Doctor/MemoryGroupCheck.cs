using System.Globalization;

namespace Chappe.Tool;

/// <summary>The limit that the memory cgroup of this process has: what is in /dev/shm counts towards it.</summary>
internal static class MemoryGroupCheck
{
    private const string Check = "memory cgroup";
    private const string Consequence = "What is in /dev/shm counts towards it, and where it is exhausted the kernel kills a process instead of refusing the memory.";
    private const double NearlyAll = 0.95;

    /// <summary>Version 1 says "no limit" by a number near the largest.</summary>
    private const long NoLimit = 1L << 60;

    private sealed record Hierarchy(string Version, string Mount, string Group, string LimitFile, string UseFile, string ReclaimableKey);

    private sealed record Memory(Hierarchy Hierarchy, long Limit, long Used);

    public static Finding Run(MachineFiles machine, long sharedMemory)
    {
        Memory? memory = Hierarchies(machine).SelectMany(hierarchy => Groups(hierarchy).Select(group => Limit(machine, hierarchy, group))).OfType<Memory>().MinBy(found => found.Limit);
        if (memory is null)
        {
            return Finding.Ok(Check, "No limit is to be seen from here.");
        }

        string found = $"Limit {DisplayText.Bytes(memory.Limit)}, {DisplayText.Bytes(memory.Used)} used (cgroup {memory.Hierarchy.Version}). {Consequence}";
        return memory.Used > NearlyAll * memory.Limit
            ? Finding.Problem(Check, found, "Raise the limit, or remove what is dead (chappe list).")
            : memory.Limit < sharedMemory
                ? Finding.Note(Check, found, "It is less than the size of /dev/shm, so it comes first: make /dev/shm smaller than what the programs leave of it, or raise it.")
                : Finding.Ok(Check, found);
    }

    /// <summary>cgroups(7): a line is number:controllers:path, and in version 2 the first two are 0 and nothing.</summary>
    private static IEnumerable<Hierarchy> Hierarchies(MachineFiles machine)
    {
        foreach (string line in (machine.Read("/proc/self/cgroup") ?? "").Split('\n'))
        {
            string[] fields = line.Split(':', 3);
            if (fields is ["0", "", { } unified])
            {
                yield return new("v2", "/sys/fs/cgroup", unified, "memory.max", "memory.current", "inactive_file");
            }
            else if (fields is [_, { } controllers, { } group] && controllers.Split(',').Contains("memory"))
            {
                yield return new("v1", "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
            }
        }
    }

    /// <summary>The group and those around it: each limits what is in it. In a container only the outermost may be to be seen.</summary>
    private static IEnumerable<string> Groups(Hierarchy hierarchy)
    {
        for (string group = hierarchy.Group.TrimEnd('/'); group.Length > 0; group = group[..group.LastIndexOf('/')])
        {
            yield return group;
        }

        yield return "";
    }

    private static Memory? Limit(MachineFiles machine, Hierarchy hierarchy, string group)
    {
        string directory = hierarchy.Mount + group;
        return Number(machine.Read($"{directory}/{hierarchy.LimitFile}")) is { } limit and < NoLimit
            ? new Memory(hierarchy, limit, Math.Max(0, (Number(machine.Read($"{directory}/{hierarchy.UseFile}")) ?? 0) - Reclaimable(machine, hierarchy, directory)))
            : null;
    }

    /// <summary>Pages of files that nobody has used for a while count as used, but make way.</summary>
    private static long Reclaimable(MachineFiles machine, Hierarchy hierarchy, string directory) =>
        (machine.Read($"{directory}/memory.stat") ?? "")
            .Split('\n')
            .Select(line => line.Split(' '))
            .Where(words => words.Length == 2 && words[0] == hierarchy.ReclaimableKey)
            .Select(words => Number(words[1]) ?? 0)
            .FirstOrDefault();

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
