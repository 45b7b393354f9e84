using System.Runtime.Versioning;

namespace Chappe.Posix;

/// <summary>What semaphores and segments there are on this machine. Only names: nothing is opened.</summary>
[SupportedOSPlatform("linux")]
internal static class SharedObjectNames
{
    /// <summary>The names of all semaphores, with their leading slash, in no order.</summary>
    /// <remarks>musl gives the files of semaphores no mark of their own: with it, segments are among them.</remarks>
    /// <exception cref="UnauthorizedAccessException">/dev/shm cannot be read.</exception>
    public static IReadOnlyList<string> Semaphores() =>
    [
        .. Files()
            .Where(file => file.Length > PosixName.SemaphorePrefix.Length && file.StartsWith(PosixName.SemaphorePrefix, StringComparison.Ordinal))
            .Select(file => "/" + file[PosixName.SemaphorePrefix.Length..]),
    ];

    /// <summary>The names of all segments, with their leading slash, in no order: of everything in /dev/shm that is no semaphore.</summary>
    /// <remarks>musl gives the files of semaphores no mark of their own: with it, semaphores are among them.</remarks>
    /// <exception cref="UnauthorizedAccessException">/dev/shm cannot be read.</exception>
    public static IReadOnlyList<string> Segments() =>
    [
        .. Files()
            .Where(file => PosixName.SemaphorePrefix.Length == 0 || !file.StartsWith(PosixName.SemaphorePrefix, StringComparison.Ordinal))
            .Select(file => "/" + file),
    ];

    /// <summary>.NET shows bytes that are no UTF-8 as U+FFFD: such a name leads nowhere, and no name of ours is such.</summary>
    private static IEnumerable<string> Files()
    {
        Platform.Check();
        var directory = new DirectoryInfo(PosixName.Directory);
        return directory.Exists
            ? directory.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false })
                .Select(entry => entry.Name)
                .Where(name => !name.Contains('\uFFFD'))
            : [];
    }
}
