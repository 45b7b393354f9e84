using System.Runtime.InteropServices;

namespace Chappe.Exchange.Tests;

/// <summary>What a test needs of the machine it runs on.</summary>
internal static partial class Machine
{
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

    internal static bool HasCommand(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, command)));

    /// <summary>mkfifo(3).</summary>
    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MakeFifo(string path, uint mode);
}
