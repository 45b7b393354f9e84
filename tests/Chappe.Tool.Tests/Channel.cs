namespace Chappe.Tool.Tests;

/// <summary>A channel name that no other test has, and a look at what is left of it.</summary>
internal static class Channel
{
    public static string NewName() => $"tool-test-{Guid.NewGuid():N}";

    /// <summary>Fails if an object of the channel exists, after removing it: a failed test leaves nothing for those that follow.</summary>
    public static void AssertNothingIsLeftOf(string name)
    {
        string[] left = [.. Directory.EnumerateFiles("/dev/shm").Where(file => file.Contains(name, StringComparison.Ordinal))];
        Array.ForEach(left, File.Delete);
        Assert.Empty(left);
    }
}
