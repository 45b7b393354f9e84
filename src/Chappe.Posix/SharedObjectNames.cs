using System.Runtime.Versioning;

namespace Chappe.Posix;

/// <summary>Lists the names of the semaphores and segments on this machine, without opening them.</summary>
[SupportedOSPlatform("linux")]
internal static class SharedObjectNames
{
    /// <summary>The names of all semaphores, with the leading slash, in no particular order.</summary>
    /// <remarks>musl does not mark the files of semaphores, so with musl this list includes segments.</remarks>
    /// <exception cref="UnauthorizedAccessException">/dev/shm cannot be read.</exception>
    public static IReadOnlyList<string> Semaphores() =>
    [
        .. Files()
            .Where(file => file.Length > PosixName.SemaphorePrefix.Length && file.StartsWith(PosixName.SemaphorePrefix, StringComparison.Ordinal))
            .Select(file => "/" + file[PosixName.SemaphorePrefix.Length..]),
    ];

    /// <summary>The names of all segments, with the leading slash, in no particular order. Everything in /dev/shm except a semaphore counts as a segment.</summary>
    /// <remarks>musl does not mark the files of semaphores, so with musl this list includes semaphores.</remarks>
    /// <exception cref="UnauthorizedAccessException">/dev/shm cannot be read.</exception>
    public static IReadOnlyList<string> Segments() =>
    [
        .. Files()
            .Where(file => PosixName.SemaphorePrefix.Length == 0 || !file.StartsWith(PosixName.SemaphorePrefix, StringComparison.Ordinal))
            .Select(file => "/" + file),
    ];

    /// <summary>.NET shows bytes that are not UTF-8 as U+FFFD. No file can be opened by such a name, and Chappe creates none.</summary>
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
