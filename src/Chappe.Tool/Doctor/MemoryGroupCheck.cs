using System.Globalization;

namespace Chappe.Tool;

/// <summary>The memory limit of this process's cgroup. Memory in /dev/shm counts towards it.</summary>
internal static class MemoryGroupCheck
{
    private const string Check = "memory cgroup";
    private const string Consequence = "Memory in /dev/shm counts towards it, and where it is exhausted the kernel kills a process instead of refusing the memory.";
    private const double NearlyAll = 0.95;

    /// <summary>Version 1 writes "no limit" as a number near the largest.</summary>
    private const long NoLimit = 1L << 60;

    private sealed record Hierarchy(string Version, string Mount, string Group, string LimitFile, string UseFile, string ReclaimableKey);

    private sealed record Memory(Hierarchy Hierarchy, long Limit, long Used);

    public static Finding Run(MachineFiles machine, long sharedMemory)
    {
        Memory? memory = Hierarchies(machine).SelectMany(hierarchy => Groups(hierarchy).Select(group => Limit(machine, hierarchy, group))).OfType<Memory>().MinBy(found => found.Limit);
        if (memory is null)
        {
            return Finding.Ok(Check, "No limit is visible from here.");
        }

        string found = $"Limit {DisplayText.Bytes(memory.Limit)}, {DisplayText.Bytes(memory.Used)} used (cgroup {memory.Hierarchy.Version}). {Consequence}";
        return memory.Used > NearlyAll * memory.Limit
            ? Finding.Problem(Check, found, "Raise the limit, or remove the channels of dead requesters (chappe list, chappe remove).")
            : memory.Limit < sharedMemory
                ? Finding.Note(Check, found, "It is smaller than /dev/shm, so it is reached first. Raise it, or make /dev/shm smaller than what the programs leave of it.")
                : Finding.Ok(Check, found);
    }

    /// <summary>A line is number:controllers:path; in version 2 the number is 0 and the controllers are empty, see cgroups(7).</summary>
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

    /// <summary>The group and its ancestors, each of which has a limit. In a container only the outermost may be visible.</summary>
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

    /// <summary>File pages not used for a while: they count as used, but the kernel reclaims them.</summary>
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
