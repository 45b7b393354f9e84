namespace Chappe.Tool.Tests;

/// <summary>A channel name that no other test has, and a look at what is left of it.</summary>
internal static class Channel
{
    public static string NewName() => $"tool-test-{Guid.NewGuid():N}";

    public static void AssertNothingIsLeftOf(string name) =>
        Assert.DoesNotContain(Directory.EnumerateFiles("/dev/shm"), file => file.Contains(name, StringComparison.Ordinal));
}
