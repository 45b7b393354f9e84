namespace Chappe.Tool.Tests;

/// <summary>Ways to start a program in other circumstances, where this machine permits them.</summary>
internal static class Wrapper
{
    public const int OtherUser = 65534;

    private static string[] Another => ["setpriv", $"--reuid={OtherUser}", $"--regid={OtherUser}", "--clear-groups"];

    /// <summary>As another user, without any of this one's groups.</summary>
    public static async Task<string[]> AsAnotherUserAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can become another user.");
        await SkipUnlessItWorksAsync(Another, "Another user cannot run the program from where it was built, or there is no setpriv.");
        return Another;
    }

    /// <summary>With a /dev/shm of its own, empty and so large.</summary>
    public static async Task<string[]> WithSharedMemoryOfAsync(string size, string prepare = "true")
    {
        string[] wrapper = ["unshare", "--mount", "sh", "-c", $"mount -t tmpfs -o mode=1777,size={size} tmpfs /dev/shm && {prepare} && exec \"$@\"", "sh"];
        await SkipUnlessItWorksAsync(["unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /dev/shm && exec \"$@\"", "sh"], "This machine permits no mount of its own (unshare --mount).");
        return wrapper;
    }

    /// <summary>On the first of the processors that this process may use.</summary>
    public static async Task<string[]> OnOneProcessorAsync()
    {
        const string First = "$(sed -n 's/^Cpus_allowed_list:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/self/status)";
        string[] wrapper = ["sh", "-c", $"exec taskset -c {First} \"$@\"", "sh"];
        await SkipUnlessItWorksAsync(wrapper, "There is no taskset.");
        return wrapper;
    }

    public static string[] WithUmask(string umask) => ["sh", "-c", $"umask {umask} && exec \"$@\"", "sh"];

    private static async Task SkipUnlessItWorksAsync(string[] wrapper, string reason)
    {
        try
        {
            (int exitCode, _, string errors) = await ChappeProcess.RunThroughAsync(wrapper, "/", "--help");
            Assert.SkipUnless(exitCode == 0, $"{reason} {errors}");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            Assert.Skip($"{reason} {exception.Message}");
        }
    }
}
