using System.ComponentModel;
using System.Diagnostics;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>The kernel and the C library, and what they have of what Chappe uses.</summary>
internal static class SystemChecks
{
    public static Finding Kernel(MachineFiles machine) =>
        Finding.Ok("kernel", $"Linux {machine.Read("/proc/sys/kernel/osrelease") ?? Environment.OSVersion.Version.ToString()}.");

    public static Finding Library() => PosixFeatures.GnuVersion is { } version
        ? Finding.Ok("C library", $"glibc {version}. A program that uses musl does not meet this one: musl names and lays out semaphores differently.")
        : Finding.Note(
            "C library",
            $"{MuslVersion()} A program that uses glibc does not meet this one: they name and lay out semaphores differently.",
            "Let both sides of a channel use the same C library.");

    public static IEnumerable<Finding> Features() =>
    [
        Feature(
            "openat2", PosixFeatures.HasOpenAt2, "The kernel keeps the files that are served below their root.",
            "A stricter way is taken, which refuses symbolic links. Linux 5.6 has it; an old container runtime may forbid it."),
        Feature("O_TMPFILE", PosixFeatures.HasUnnamedFiles, "Objects appear complete.", "No channel can be made without it: mount a tmpfs on /dev/shm.", isNeeded: true),
        Feature(
            "locks", PosixFeatures.HasOpenFileDescriptionLocks, "The kernel tells who is alive (open-file-description locks).",
            "No channel can be made without open-file-description locks: Linux 3.15 has them.", isNeeded: true),
        Feature(
            "sem_clockwait", PosixFeatures.HasMonotonicSemaphoreWait, "Waits follow the monotonic clock.",
            "Waits look at the wall clock, in slices of 50 ms, so that setting it costs no more than one. glibc 2.30 has it, musl has it not."),
        Feature(
            "futex_waitv", PosixFeatures.HasFutexWaitMultiple, "One thread can wait on several semaphores.",
            "A wait that is cancelled notices it within 50 ms. Linux 5.16 has it."),
        Feature(
            "waits", PosixFeatures.HasImmediateWaits, "A cancelled wait ends at once, and asynchronous waits share a thread (tried just now).",
            "Waits go in slices of 50 ms, asynchronous ones on a thread each: this C library's semaphores, or the kernel, are not those that Chappe knows."),
    ];

    /// <summary>proc_sys_fs(5).</summary>
    public static Finding ProtectedFiles(MachineFiles machine) => machine.Read("/proc/sys/fs/protected_regular") switch
    {
        "1" or "2" => Finding.Ok(
            "fs.protected_regular",
            "On: another user's object cannot be opened with O_CREAT. Chappe does not; programs of the basic level do, so they and Chappe need the same user."),
        "0" => Finding.Ok("fs.protected_regular", "Off: whoever has permission may open another user's object, also with O_CREAT."),
        _ => Finding.Ok("fs.protected_regular", "Not in this kernel, or not to be seen from here."),
    };

    private static Finding Feature(string check, bool isThere, string gain, string without, bool isNeeded = false) =>
        isThere ? Finding.Ok(check, $"There. {gain}") : isNeeded ? Finding.Problem(check, "Missing.", without) : Finding.Note(check, "Missing.", without);

    /// <summary>musl has no function that tells; its loader does, on standard error, when it is run as a program.</summary>
    private static string MuslVersion()
    {
        try
        {
            string loader = Directory.GetFiles("/lib", "ld-musl-*.so.1").Single();
            using var process = Process.Start(new ProcessStartInfo(loader) { RedirectStandardError = true })!;
            string? version = process.StandardError.ReadToEnd().Split('\n').FirstOrDefault(line => line.StartsWith("Version ", StringComparison.Ordinal));
            return version is null ? "musl." : $"musl {version["Version ".Length..]}.";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException or Win32Exception)
        {
            return "Not glibc; musl, if anything.";
        }
    }
}
