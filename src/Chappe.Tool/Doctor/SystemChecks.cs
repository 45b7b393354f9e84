using System.ComponentModel;
using System.Diagnostics;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>The kernel, the C library, and those of their features that Chappe uses.</summary>
internal static class SystemChecks
{
    public static Finding Kernel(MachineFiles machine) =>
        Finding.Ok("kernel", $"Linux {machine.Read("/proc/sys/kernel/osrelease") ?? Environment.OSVersion.Version.ToString()}.");

    public static Finding Library() => PosixFeatures.GnuVersion is { } version
        ? Finding.Ok("C library", $"glibc {version}. It cannot share channels with musl, which names and lays out semaphores differently.")
        : Finding.Note(
            "C library",
            $"{MuslVersion()} It cannot share channels with glibc, which names and lays out semaphores differently.",
            "Use the same C library on both sides of a channel.");

    public static IEnumerable<Finding> Features() =>
    [
        Feature(
            "openat2", PosixFeatures.HasOpenAt2, "The kernel confines served files to their root directory.",
            "Served directories refuse symbolic links instead. Linux 5.6 has it; an old container runtime may forbid it."),
        Feature("O_TMPFILE", PosixFeatures.HasUnnamedFiles, "Objects are complete when they appear.", "Channels need it: mount a tmpfs on /dev/shm.", isNeeded: true),
        Feature(
            "locks", PosixFeatures.HasOpenFileDescriptionLocks, "The kernel shows which peers are alive (open-file-description locks).",
            "Channels need open-file-description locks: Linux 3.15 has them.", isNeeded: true),
        Feature(
            "sem_clockwait", PosixFeatures.HasMonotonicSemaphoreWait, "Waits follow the monotonic clock.",
            "Waits follow the wall clock in slices of 50 ms, so that a change of the clock delays them by one slice at most. glibc 2.30 has it; musl does not."),
        Feature(
            "futex_waitv", PosixFeatures.HasFutexWaitMultiple, "One thread can wait on several semaphores.",
            "A cancelled wait ends within 50 ms. Linux 5.16 has it."),
        Feature(
            "waits", PosixFeatures.HasImmediateWaits, "A cancelled wait ends at once, and asynchronous waits share a thread (tested by this check).",
            "Waits run in slices of 50 ms, and each asynchronous wait takes a thread: Chappe does not know this C library's semaphores or this kernel."),
    ];

    /// <summary>See proc_sys_fs(5).</summary>
    public static Finding ProtectedFiles(MachineFiles machine) => machine.Read("/proc/sys/fs/protected_regular") switch
    {
        "1" or "2" => Finding.Ok(
            "fs.protected_regular",
            "On: opening another user's object with O_CREAT fails. Chappe does not use O_CREAT; programs of the basic level do, and need to run as the same user."),
        "0" => Finding.Ok("fs.protected_regular", "Off: a user with permission can open another user's object, even with O_CREAT."),
        _ => Finding.Ok("fs.protected_regular", "Not in this kernel, or not visible from here."),
    };

    private static Finding Feature(string check, bool isThere, string gain, string without, bool isNeeded = false) =>
        isThere ? Finding.Ok(check, $"Available. {gain}") : isNeeded ? Finding.Problem(check, "Missing.", without) : Finding.Note(check, "Missing.", without);

    /// <summary>musl has no function that returns its version, but its loader, run as a program, prints it on standard error.</summary>
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
            return "Not glibc; probably musl.";
        }
    }
}
