using System.Text.Json;
using Chappe.Posix;

namespace Chappe.Tool.Tests;

public sealed class DoctorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Each_check_has_a_verdict_and_a_problem_is_the_exit_status()
    {
        (int exitCode, string output, string errors) = await ChappeProcess.RunAsync("/", "doctor", "--json");

        JsonElement[] findings = Parse(output);
        Assert.Empty(errors);
        Assert.All(findings, finding =>
        {
            Assert.Equal(["check", "verdict", "found", "advice"], finding.EnumerateObject().Select(property => property.Name));
            Assert.Equal(finding.GetProperty("verdict").GetString() != "ok", finding.GetProperty("advice").ValueKind == JsonValueKind.String);
        });
        Assert.Equal(
            [
                "space", "permissions", "memory cgroup", "names", "RemoveIPC", "fs.protected_regular", "kernel", "C library",
                "openat2", "O_TMPFILE", "locks", "sem_clockwait", "futex_waitv", "waits", "open files", "address space",
            ],
            findings.Select(finding => finding.GetProperty("check").GetString()));
        Assert.Equal(findings.Any(finding => finding.GetProperty("verdict").GetString() == "problem") ? 1 : 0, exitCode);
    }

    [Fact]
    public async Task A_container_of_64_MiB_is_noted()
    {
        (int exitCode, string output, _) = await ChappeProcess.RunThroughAsync(await Wrapper.WithSharedMemoryOfAsync("64m"), "/", "doctor", "--json");

        JsonElement space = Parse(output)[0];
        Assert.Equal("note", space.GetProperty("verdict").GetString());
        Assert.Contains("--shm-size", space.GetProperty("advice").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task A_full_shared_memory_is_a_problem()
    {
        string[] wrapper = await Wrapper.WithSharedMemoryOfAsync("2m", "head -c 2097152 /dev/zero > /dev/shm/chappe-filler");

        (int exitCode, string output, _) = await ChappeProcess.RunThroughAsync(wrapper, "/", "doctor");

        Assert.Equal(1, exitCode);
        Assert.Contains("problem  space", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1L << 40, 1L << 39, 1000, "ok")]
    [InlineData(long.MaxValue, long.MaxValue, long.MaxValue, "ok")]
    [InlineData(64L << 20, 64L << 20, 1000, "note")]
    [InlineData(1L << 40, 4096, 1000, "problem")]
    [InlineData(1L << 40, 1L << 39, 3, "problem")]
    public void Space_is_judged_by_what_is_left(long total, long available, long files, string verdict) =>
        Assert.Equal(verdict, SharedMemoryChecks.Space(new SharedMemorySpace(total, available, files, files)).Verdict);

    [Theory]
    [InlineData("max", "100", "", "ok", "No limit")]
    [InlineData("1000000000", "100", "", "note", "1 GB")]
    [InlineData("4000000000", "100", "", "ok", "4 GB")]
    [InlineData("4000000000", "3990000000", "", "problem", "3.99 GB used")]
    [InlineData("4000000000", "3990000000", "anon 5\ninactive_file 2990000000", "ok", "1 GB used")]
    public void The_memory_cgroup_counts_without_what_makes_way(string limit, string used, string statistics, string verdict, string found)
    {
        Write("proc/self/cgroup", "0::/system.slice/chappe.service");
        Write("sys/fs/cgroup/system.slice/chappe.service/memory.max", limit);
        Write("sys/fs/cgroup/system.slice/chappe.service/memory.current", used);
        Write("sys/fs/cgroup/system.slice/chappe.service/memory.stat", statistics);

        Finding finding = MemoryGroupCheck.Run(new MachineFiles(_directory.Path), 2_000_000_000);

        Assert.Equal(verdict, finding.Verdict);
        Assert.Contains(found, finding.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void The_least_limit_of_all_groups_around_counts_in_version_1_too()
    {
        Write("proc/self/cgroup", "5:cpu:/a\n4:memory,other:/docker/b\n0::/c");
        Write("sys/fs/cgroup/memory/docker/b/memory.limit_in_bytes", "9223372036854771712");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "500000000");
        Write("sys/fs/cgroup/memory/memory.usage_in_bytes", "100000000");

        Finding finding = MemoryGroupCheck.Run(new MachineFiles(_directory.Path), 1_000_000_000);

        Assert.Equal("note", finding.Verdict);
        Assert.Contains("Limit 500 MB, 100 MB used (cgroup v1)", finding.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_systemd_nobody_removes_a_users_objects() =>
        Assert.Equal("ok", LogindCheck.Run(new MachineFiles(_directory.Path), 1000).Verdict);

    [Theory]
    [InlineData(1000, "note")]
    [InlineData(0, "ok")]
    [InlineData(999, "ok")]
    public void RemoveIPC_is_on_unless_something_says_otherwise_and_spares_system_users(long user, string verdict)
    {
        Directory.CreateDirectory(_directory["run/systemd/system"]);
        Write("etc/systemd/logind.conf", "[Login]\n#RemoveIPC=no\nKillUserProcesses=no\n");

        Assert.Equal(verdict, LogindCheck.Run(new MachineFiles(_directory.Path), user).Verdict);
    }

    [Fact]
    public void A_drop_in_of_a_later_name_wins_and_one_in_etc_hides_its_namesake()
    {
        Directory.CreateDirectory(_directory["run/systemd/system"]);
        Write("etc/systemd/logind.conf", "[Login]\nRemoveIPC=yes\n");
        Write("usr/lib/systemd/logind.conf.d/50-ours.conf", "[Login]\nRemoveIPC = no\n");
        Assert.Equal("ok", LogindCheck.Run(new MachineFiles(_directory.Path), 1000).Verdict);

        Write("etc/systemd/logind.conf.d/50-ours.conf", "");
        Assert.Equal("note", LogindCheck.Run(new MachineFiles(_directory.Path), 1000).Verdict);

        Write("run/systemd/logind.conf.d/60-theirs.conf", "[Login]\nRemoveIPC=false\n");
        Assert.Equal("ok", LogindCheck.Run(new MachineFiles(_directory.Path), 1000).Verdict);
    }

    [Theory]
    [InlineData("1024", "unlimited", "ok", "ok")]
    [InlineData("64", "unlimited", "problem", "ok")]
    [InlineData("unlimited", "8000000000", "ok", "note")]
    public void Limits_are_read_from_what_the_kernel_says(string files, string addresses, string filesVerdict, string addressesVerdict)
    {
        Write(
            "proc/self/limits",
            $"""
            Limit                     Soft Limit           Hard Limit           Units     
            Max open files            {files,-20} 4096                 files     
            Max address space         {addresses,-20} unlimited            bytes     
            """);
        var machine = new MachineFiles(_directory.Path);

        Assert.Equal((filesVerdict, addressesVerdict), (LimitChecks.OpenFiles(machine).Verdict, LimitChecks.AddressSpace(machine).Verdict));
    }

    [Theory]
    [InlineData("2", "On")]
    [InlineData("0", "Off")]
    [InlineData(null, "Not in this kernel")]
    public void What_the_kernel_protects_is_said(string? setting, string found)
    {
        if (setting is not null)
        {
            Write("proc/sys/fs/protected_regular", setting + "\n");
        }

        Assert.StartsWith(found, SystemChecks.ProtectedFiles(new MachineFiles(_directory.Path)).Found, StringComparison.Ordinal);
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_directory[path])!);
        File.WriteAllText(_directory[path], text);
    }

    private static JsonElement[] Parse(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
}
