using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Chappe.Posix.Tests;

/// <summary>What a test needs of the machine it runs on.</summary>
internal static partial class Machine
{
    private static readonly Lazy<bool> MayMountLazily = new(() => Succeeds("unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/dev/shm"));
    private static readonly Lazy<bool> MayBecomeAnotherUserLazily = new(() => Succeeds("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "true"));

    internal static bool IsRoot => Environment.IsPrivilegedProcess;

    /// <summary>Skips the test where the machine lacks what it needs. Under CI nothing may be lacking, or a green run would prove nothing.</summary>
    internal static void Require(bool condition, string reason)
    {
        if (condition)
        {
            return;
        }

        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"CI must not skip this: {reason}.");
        Assert.Skip($"{reason}.");
    }

    internal static void RequireMounting() => Require(MayMountLazily.Value, "mounting a tmpfs in a mount namespace (unshare -m) is not permitted here");

    internal static void RequireAnotherUser() => Require(MayBecomeAnotherUserLazily.Value, "running a process as another user (setpriv --reuid) is not permitted here");

    internal static bool HasCommand(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, command)));

    /// <summary>kill(2).</summary>
    [LibraryImport("libc", EntryPoint = "kill")]
    internal static partial int Signal(int processId, int signal);

    /// <summary>mkfifo(3).</summary>
    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeFifo(string path, uint mode);

    /// <summary>The time that this thread spent on a processor: clock_gettime(CLOCK_THREAD_CPUTIME_ID).</summary>
    internal static unsafe TimeSpan ThreadTime()
    {
        long* time = stackalloc long[2];
        Assert.Equal(0, ClockTime(3, time));
        return TimeSpan.FromSeconds(time[0]) + TimeSpan.FromTicks(time[1] / TimeSpan.NanosecondsPerTick);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static unsafe partial int ClockTime(int clock, long* time);

    private static bool Succeeds(string command, params string[] arguments)
    {
        if (!HasCommand(command))
        {
            return false;
        }

        using Process process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
