using System.Text;

namespace Chappe.Posix;

/// <summary>Names of semaphores and segments: checked before libc sees them, and where Linux keeps their files.</summary>
internal static class PosixName
{
    internal const string Directory = "/dev/shm";

    /// <summary>NAME_MAX, linux/limits.h: bytes in a file's name.</summary>
    internal const int NameMaximum = 255;

    /// <summary>It refuses half a surrogate pair, which else becomes U+FFFD: two names would be one file.</summary>
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>glibc puts "sem." before a semaphore's name (sem_overview(7)); musl puts nothing.</summary>
    internal static readonly string SemaphorePrefix = Interop.HasFunction("gnu_get_libc_version") ? "sem." : "";

    /// <summary>The name with its leading slash.</summary>
    /// <exception cref="ArgumentException">The name is empty, too long, no valid text, or holds another slash or a NUL.</exception>
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
            throw new ArgumentException($"'{name}' is no name: give one such as '/frames'.", nameof(name));
        }

        if (bare.Contains('/'))
        {
            throw new ArgumentException($"'{name}' has a slash other than a leading one.", nameof(name));
        }

        if (bare.Contains('\0'))
        {
            throw new ArgumentException("A name cannot hold a NUL character.", nameof(name));
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
            throw new ArgumentException("A name cannot hold half a surrogate pair.", nameof(name));
        }
    }
}
