using System.Text;

namespace Chappe.Posix;

/// <summary>Validates the names of semaphores and segments before libc sees them, and maps them to their files on Linux.</summary>
internal static class PosixName
{
    internal const string Directory = "/dev/shm";

    /// <summary>The maximum length of a file name in bytes: NAME_MAX of linux/limits.h.</summary>
    internal const int NameMaximum = 255;

    /// <summary>Rejects an unpaired surrogate. A lenient encoder writes U+FFFD instead, so that two names would denote the same file.</summary>
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>glibc prepends "sem." to the name of a semaphore's file (sem_overview(7)); musl prepends nothing.</summary>
    internal static readonly string SemaphorePrefix = Interop.HasFunction("gnu_get_libc_version") ? "sem." : "";

    /// <summary>Returns the name with its leading slash.</summary>
    /// <exception cref="ArgumentException">The name is empty, too long or not valid Unicode, or contains another slash or a NUL character.</exception>
    internal static string ForSemaphore(string name) => Check(name, NameMaximum - SemaphorePrefix.Length);

    /// <inheritdoc cref="ForSemaphore"/>
    internal static string ForSegment(string name) => Check(name, NameMaximum);

    internal static string SemaphorePath(string name) => $"{Directory}/{SemaphorePrefix}{name.TrimStart('/')}";

    internal static string SegmentPath(string name) => $"{Directory}/{name.TrimStart('/')}";

    private static string Check(string name, int maximum)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        string bare = name[0] == '/' ? name[1..] : name;

        if (bare.Length == 0 || bare is "." or "..")
        {
            throw new ArgumentException($"'{name}' is not a valid name. Use a name such as '/frames'.", nameof(name));
        }

        if (bare.Contains('/'))
        {
            throw new ArgumentException($"'{name}' contains a slash other than a leading one.", nameof(name));
        }

        if (bare.Contains('\0'))
        {
            throw new ArgumentException("A name cannot contain a NUL character.", nameof(name));
        }

        if (ByteCount(bare) > maximum)
        {
            throw new ArgumentException($"'{name}' is longer than {maximum} bytes of UTF-8.", nameof(name));
        }

        return "/" + bare;
    }

    private static int ByteCount(string name)
    {
        try
        {
            return StrictUtf8.GetByteCount(name);
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException("A name cannot contain an unpaired surrogate.", nameof(name));
        }
    }
}
