using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

public sealed partial class NamedSemaphore
{
    /// <summary>Makes a semaphore that does not exist yet.</summary>
    /// <param name="name">Its name, such as <c>/ready</c>; the leading slash may be left out. At most 251 bytes of UTF-8, no other slash, no NUL.</param>
    /// <param name="initialCount">The count to start with, 0 to <see cref="MaxCount"/>.</param>
    /// <param name="options">Permissions; 0600 by default.</param>
    /// <exception cref="PosixException">It exists (<see cref="PosixError.AlreadyExists"/>), or the system refuses for another reason.</exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm is full.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    public static NamedSemaphore Create(string name, int initialCount = 0, SharedObjectOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCount);
        Platform.Check();
        name = PosixName.ForSemaphore(name);
        return TryCreate(name, initialCount, options ?? SharedObjectOptions.Default, out NamedSemaphore? semaphore)
            ? semaphore
            : throw Failure.FromErrorNumber(Interop.EEXIST, "create the semaphore", name);
    }

    /// <summary>Opens a semaphore that exists.</summary>
    /// <param name="name">Its name, as for <see cref="Create"/>.</param>
    /// <param name="options">Whose semaphores may be opened; only this user's own by default.</param>
    /// <exception cref="PosixException">
    /// There is none (<see cref="PosixError.NotFound"/>), or what stands there is no semaphore (<see cref="PosixError.InvalidObject"/>).
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied, or its owner is not allowed.</exception>
    public static NamedSemaphore OpenExisting(string name, SharedObjectOptions? options = null) =>
        TryOpenExisting(name, out NamedSemaphore? semaphore, options)
            ? semaphore
            : throw Failure.FromErrorNumber(Interop.ENOENT, "open the semaphore", name);

    /// <summary>Opens a semaphore, or makes it if it does not exist.</summary>
    /// <param name="name">Its name, as for <see cref="Create"/>.</param>
    /// <param name="initialCount">The count to start with if it is made.</param>
    /// <param name="options">Permissions if it is made; whose may be opened if it exists.</param>
    /// <exception cref="PosixException">What stands there is no semaphore, or the system refuses for another reason.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied, or its owner is not allowed.</exception>
    public static NamedSemaphore OpenOrCreate(string name, int initialCount = 0, SharedObjectOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCount);
        Platform.Check();
        name = PosixName.ForSemaphore(name);
        options ??= SharedObjectOptions.Default;

        // First without O_CREAT: fs.protected_regular refuses it on another user's file. Another process may make or delete it in between.
        while (true)
        {
            if (TryOpen(name, options, out NamedSemaphore? semaphore) || TryCreate(name, initialCount, options, out semaphore))
            {
                return semaphore;
            }
        }
    }

    /// <summary>Opens a semaphore if it exists.</summary>
    /// <param name="name">Its name, as for <see cref="Create"/>.</param>
    /// <param name="semaphore">The semaphore.</param>
    /// <param name="options">Whose semaphores may be opened; only this user's own by default.</param>
    /// <returns>False if there is none of that name. Every other obstacle is an exception.</returns>
    /// <exception cref="PosixException">What stands there is no semaphore, or the system refuses for another reason.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied, or its owner is not allowed.</exception>
    public static bool TryOpenExisting(string name, [NotNullWhen(true)] out NamedSemaphore? semaphore, SharedObjectOptions? options = null)
    {
        Platform.Check();
        return TryOpen(PosixName.ForSemaphore(name), options ?? SharedObjectOptions.Default, out semaphore);
    }

    /// <summary>Deletes a semaphore's name. Processes that have it open keep it; the next to open the name finds none.</summary>
    /// <returns>False if there was none.</returns>
    /// <exception cref="UnauthorizedAccessException">Permission is denied.</exception>
    public static bool Delete(string name)
    {
        Platform.Check();
        name = PosixName.ForSemaphore(name);
        if (Interop.SemaphoreUnlink(name) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == Interop.ENOENT ? false : throw Failure.FromErrorNumber(error, "delete the semaphore", name, PosixName.SemaphorePath(name));
    }

    /// <summary>Looks at a semaphore's file without opening it.</summary>
    /// <returns>False if there is none of that name.</returns>
    internal static bool TryGetStatus(string name, out FileStatus status)
    {
        Platform.Check();
        return FileStatus.TryGet(PosixName.SemaphorePath(PosixName.ForSemaphore(name)), out status);
    }

    private static bool TryOpen(string name, SharedObjectOptions options, [NotNullWhen(true)] out NamedSemaphore? semaphore)
    {
        string path = PosixName.SemaphorePath(name);
        while (true)
        {
            semaphore = null;
            if (!FileStatus.TryGet(path, out FileStatus before))
            {
                return false;
            }

            // sem_open maps whatever it finds: a file that is too short would kill this process at the first post.
            options.Check(before, name);
            if (before.Length != Interop.SemaphoreSize)
            {
                throw Failure.NotWhatWasAskedFor(name, $"its file is {before.Length} bytes long, a semaphore's is {Interop.SemaphoreSize}.");
            }

            SemaphoreHandle handle = Interop.SemaphoreOpen(name, flags: 0);
            if (handle.IsInvalid)
            {
                int error = Marshal.GetLastPInvokeError();
                handle.Dispose();
                if (error == Interop.EINTR)
                {
                    continue;
                }

                return error == Interop.ENOENT ? false : throw Failure.FromErrorNumber(error, "open the semaphore", name, path);
            }

            // What was opened is what was looked at, unless the name was given to another file in between.
            if (FileStatus.TryGet(path, out FileStatus after) && after.IsSameFileAs(before))
            {
                semaphore = new NamedSemaphore(name, handle, after);
                return true;
            }

            handle.Dispose();
        }
    }

    /// <summary>
    /// Does what sem_open does with O_CREAT and O_EXCL, with the permissions that were asked for from the first moment on: sem_open obeys the umask, and
    /// until they were mended a peer of the group would be refused.
    /// </summary>
    private static bool TryCreate(string name, int initialCount, SharedObjectOptions options, [NotNullWhen(true)] out NamedSemaphore? semaphore)
    {
        semaphore = null;
        string path = PosixName.SemaphorePath(name);
        FileStatus made;
        using (SafeFileHandle file = UnnamedFile.Create(name, Interop.SemaphoreSize, options))
        {
            using (var memory = MappedRange.Map(file, name, Interop.SemaphoreSize, Interop.SemaphoreSize))
            {
                // With pshared set it writes the bytes that sem_open writes, in glibc and in musl.
                _ = Interop.SemaphoreInitialize(memory.DangerousGetHandle(), processShared: 1, (uint)initialCount);
            }

            int error = UnnamedFile.Link(file, path);
            if (error != 0)
            {
                return error == Interop.EEXIST ? false : throw Failure.FromErrorNumber(error, "create the semaphore", name, path);
            }

            made = FileStatus.Of(file);
        }

        try
        {
            if (TryOpen(name, options, out semaphore) && semaphore.Status.IsSameFileAs(made))
            {
                return true;
            }

            throw Failure.FromErrorNumber(Interop.ENOENT, "create the semaphore (it was deleted at once)", name);
        }
        catch
        {
            semaphore?.Dispose();
            if (FileStatus.TryGet(path, out FileStatus status) && status.IsSameFileAs(made))
            {
                _ = Interop.SemaphoreUnlink(name);
            }

            throw;
        }
    }
}
