using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

public sealed partial class NamedSemaphore
{
    /// <summary>Creates a semaphore that does not exist yet.</summary>
    /// <param name="name">
    /// The name, such as <c>/ready</c>; the leading slash is optional. At most 251 bytes of UTF-8 (NAME_MAX less the prefix <c>sem.</c> of glibc), with no
    /// other slash and no NUL character.
    /// </param>
    /// <param name="initialCount">The initial count, 0 to <see cref="MaxCount"/>.</param>
    /// <param name="options">The permissions; 0600 by default.</param>
    /// <exception cref="ArgumentException">The name is not valid, or <paramref name="initialCount"/> is negative.</exception>
    /// <exception cref="PosixException">The semaphore exists (<see cref="PosixError.AlreadyExists"/>), or another system error occurred.</exception>
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

    /// <summary>Opens an existing semaphore.</summary>
    /// <param name="name">The name, as for <see cref="Create"/>.</param>
    /// <param name="options">The owners whose semaphores may be opened; by default only the user of this process.</param>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="PosixException">
    /// The semaphore does not exist (<see cref="PosixError.NotFound"/>), the file of that name is not a semaphore (<see cref="PosixError.InvalidObject"/>),
    /// or another system error occurred.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied, or the owner is not allowed.</exception>
    public static NamedSemaphore OpenExisting(string name, SharedObjectOptions? options = null) =>
        TryOpenExisting(name, out NamedSemaphore? semaphore, options)
            ? semaphore
            : throw Failure.FromErrorNumber(Interop.ENOENT, "open the semaphore", name);

    /// <summary>Opens a semaphore, or creates it if it does not exist.</summary>
    /// <param name="name">The name, as for <see cref="Create"/>.</param>
    /// <param name="initialCount">The initial count if the semaphore is created, 0 to <see cref="MaxCount"/>.</param>
    /// <param name="options">The permissions if the semaphore is created; the owners whose semaphores may be opened if it exists.</param>
    /// <exception cref="ArgumentException">The name is not valid, or <paramref name="initialCount"/> is negative.</exception>
    /// <exception cref="PosixException">
    /// The file of that name is not a semaphore (<see cref="PosixError.InvalidObject"/>), or another system error occurred.
    /// </exception>
    /// <exception cref="SharedMemoryFullException">/dev/shm is full.</exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied, or the owner is not allowed.</exception>
    public static NamedSemaphore OpenOrCreate(string name, int initialCount = 0, SharedObjectOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCount);
        Platform.Check();
        name = PosixName.ForSemaphore(name);
        options ??= SharedObjectOptions.Default;

        // Opening comes first, without O_CREAT, which fs.protected_regular refuses on another user's file. The loop covers a process that creates or deletes
        // the semaphore in between.
        while (true)
        {
            if (TryOpen(name, options, out NamedSemaphore? semaphore) || TryCreate(name, initialCount, options, out semaphore))
            {
                return semaphore;
            }
        }
    }

    /// <summary>Opens a semaphore if it exists.</summary>
    /// <param name="name">The name, as for <see cref="Create"/>.</param>
    /// <param name="semaphore">The semaphore, or null if it does not exist.</param>
    /// <param name="options">The owners whose semaphores may be opened; by default only the user of this process.</param>
    /// <returns>False if no semaphore has that name. Any other failure throws.</returns>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
    /// <exception cref="PosixException">
    /// The file of that name is not a semaphore (<see cref="PosixError.InvalidObject"/>), or another system error occurred.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">Permission is denied, or the owner is not allowed.</exception>
    public static bool TryOpenExisting(string name, [NotNullWhen(true)] out NamedSemaphore? semaphore, SharedObjectOptions? options = null)
    {
        Platform.Check();
        return TryOpen(PosixName.ForSemaphore(name), options ?? SharedObjectOptions.Default, out semaphore);
    }

    /// <summary>Deletes the name of a semaphore. Processes that have the semaphore open keep it; later attempts to open the name find no semaphore.</summary>
    /// <param name="name">The name, as for <see cref="Create"/>.</param>
    /// <returns>False if no semaphore had that name.</returns>
    /// <exception cref="ArgumentException">The name is not valid.</exception>
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

    /// <summary>Gets the status of a semaphore's file without opening the semaphore.</summary>
    /// <returns>False if no semaphore has that name.</returns>
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

            // sem_open maps any file. One that is too short would kill this process at the first post.
            options.Check(before, name);
            if (before.Length != Interop.SemaphoreSize)
            {
                throw Failure.NotWhatWasAskedFor(name, $"its file is {before.Length} bytes long, and the file of a semaphore is {Interop.SemaphoreSize}.");
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

            // The opened file is the one that was checked, unless the name moved to another file in between.
            if (FileStatus.TryGet(path, out FileStatus after) && after.IsSameFileAs(before))
            {
                semaphore = new NamedSemaphore(name, handle, after);
                return true;
            }

            handle.Dispose();
        }
    }

    /// <summary>
    /// Does what sem_open does with O_CREAT and O_EXCL, but with the requested permissions from the start. sem_open applies the umask, so a peer in the
    /// group would be refused until the permissions were corrected.
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
                // With pshared set, sem_init writes the same bytes as sem_open, in glibc and in musl.
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

            throw Failure.FromErrorNumber(Interop.ENOENT, "create the semaphore (it was deleted before it could be opened)", name);
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
