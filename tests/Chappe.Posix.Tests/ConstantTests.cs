using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Chappe.Posix.Tests;

/// <summary>What Interop says of the system, against what a C compiler says of its headers, on the machine at hand.</summary>
public class ConstantTests
{
    [Fact]
    public void Constants_and_layouts_are_those_of_the_headers()
    {
        var ours = Ours().ToDictionary(line => line.Name, line => line.Value);
        var theirs = CProgram.Run("constants").Select(line => line.Split(' ')).ToDictionary(words => words[0], words => words[1]);
        Assert.Equal(theirs.Keys.Order(), ours.Keys.Order());
        Assert.All(theirs, line => Assert.Equal((line.Key, line.Value), (line.Key, ours[line.Key])));
    }

    private static IEnumerable<(string Name, string Value)> Ours() =>
    [
        .. Values(),
        ("sizeof(sem_t)", Text(Interop.SemaphoreSize)),
        .. Layout<Interop.LockRange>("flock_t", ("l_type", "Type"), ("l_whence", "Whence"), ("l_start", "Start"), ("l_len", "Length"), ("l_pid", "ProcessId")),
        .. Layout<Interop.TimeSpecification>("timespec_t", ("tv_sec", "Seconds"), ("tv_nsec", "Nanoseconds")),
        .. Layout<Interop.OpenHow>("open_how_t", ("flags", "Flags"), ("mode", "Mode"), ("resolve", "Resolve")),
        .. Layout<Interop.ResourceLimit>("rlimit_t", ("rlim_cur", "Current"), ("rlim_max", "Maximum")),
        .. Layout<Interop.FutexEntry>("futex_waitv_t", ("val", "Expected"), ("uaddr", "Address"), ("flags", "Flags"), ("__reserved", "Reserved")),
        .. Layout<Interop.StatusBuffer>(
            "statx_t",
            ("stx_nlink", "LinkCount"),
            ("stx_uid", "UserId"),
            ("stx_gid", "GroupId"),
            ("stx_mode", "Mode"),
            ("stx_ino", "Inode"),
            ("stx_size", "Size"),
            ("stx_blocks", "Blocks"),
            ("stx_ctime.tv_sec", "ChangedSeconds"),
            ("stx_ctime.tv_nsec", "ChangedNanoseconds"),
            ("stx_mtime.tv_sec", "ModifiedSeconds"),
            ("stx_mtime.tv_nsec", "ModifiedNanoseconds"),
            ("stx_dev_major", "DeviceMajor"),
            ("stx_dev_minor", "DeviceMinor")),
    ];

    private static IEnumerable<(string Name, string Value)> Values() => new (string, long)[]
    {
        ("EPERM", Interop.EPERM), ("ENOENT", Interop.ENOENT), ("EINTR", Interop.EINTR), ("ENXIO", Interop.ENXIO), ("EAGAIN", Interop.EAGAIN),
        ("ENOMEM", Interop.ENOMEM), ("EACCES", Interop.EACCES), ("EEXIST", Interop.EEXIST), ("EXDEV", Interop.EXDEV), ("ENOTDIR", Interop.ENOTDIR),
        ("EISDIR", Interop.EISDIR), ("EINVAL", Interop.EINVAL), ("ENFILE", Interop.ENFILE), ("EMFILE", Interop.EMFILE), ("EFBIG", Interop.EFBIG),
        ("ENOSPC", Interop.ENOSPC), ("ENAMETOOLONG", Interop.ENAMETOOLONG), ("ENOSYS", Interop.ENOSYS), ("ELOOP", Interop.ELOOP),
        ("EOPNOTSUPP", Interop.EOPNOTSUPP), ("ETIMEDOUT", Interop.ETIMEDOUT), ("EDQUOT", Interop.EDQUOT),
        ("O_RDONLY", Interop.O_RDONLY), ("O_RDWR", Interop.O_RDWR), ("O_NOCTTY", Interop.O_NOCTTY), ("O_NONBLOCK", Interop.O_NONBLOCK),
        ("O_CLOEXEC", Interop.O_CLOEXEC), ("O_DIRECTORY", Interop.O_DIRECTORY), ("O_NOFOLLOW", Interop.O_NOFOLLOW), ("O_TMPFILE", Interop.O_TMPFILE),
        ("AT_FDCWD", Interop.AT_FDCWD), ("AT_SYMLINK_NOFOLLOW", Interop.AT_SYMLINK_NOFOLLOW), ("AT_SYMLINK_FOLLOW", Interop.AT_SYMLINK_FOLLOW),
        ("AT_EMPTY_PATH", Interop.AT_EMPTY_PATH), ("RESOLVE_NO_MAGICLINKS", (long)Interop.RESOLVE_NO_MAGICLINKS),
        ("RESOLVE_BENEATH", (long)Interop.RESOLVE_BENEATH), ("SYS_openat2", Interop.OpenAt2Number),
        ("PROT_READ", Interop.PROT_READ), ("PROT_WRITE", Interop.PROT_WRITE), ("MAP_SHARED", Interop.MAP_SHARED), ("MAP_NORESERVE", Interop.MAP_NORESERVE),
        ("MADV_DONTFORK", Interop.MADV_DONTFORK), ("MADV_DONTDUMP", Interop.MADV_DONTDUMP), ("SEEK_HOLE", Interop.SEEK_HOLE), ("MAP_FAILED", Interop.MapFailed),
        ("F_OFD_GETLK", Interop.F_OFD_GETLK), ("F_OFD_SETLK", Interop.F_OFD_SETLK), ("F_WRLCK", Interop.F_WRLCK), ("F_UNLCK", Interop.F_UNLCK),
        ("CLOCK_MONOTONIC", Interop.CLOCK_MONOTONIC), ("CLOCK_REALTIME", Interop.CLOCK_REALTIME),
        ("NAME_MAX", PosixName.NameMaximum), ("SEM_VALUE_MAX", NamedSemaphore.MaxCount),
        ("FUTEX2_SIZE_U32", Interop.FUTEX2_SIZE_U32), ("FUTEX2_PRIVATE", Interop.FUTEX2_PRIVATE), ("FUTEX_WAKE", Interop.FUTEX_WAKE),
        ("FUTEX_PRIVATE_FLAG", Interop.FUTEX_PRIVATE_FLAG), ("SYS_futex_waitv", Interop.FutexWaitAnyNumber), ("SYS_futex", Interop.FutexNumber),
        ("STATX_BASIC_STATS", FileStatus.BasicStatistics), ("S_IFMT", FileStatus.TypeMask), ("S_IFREG", FileStatus.RegularFile),
        ("S_IFLNK", FileStatus.SymbolicLink),
        ("RLIMIT_FSIZE", Interop.RLIMIT_FSIZE), ("RLIMIT_NOFILE", Interop.RLIMIT_NOFILE), ("RLIM_INFINITY", unchecked((long)Interop.RLIM_INFINITY)),
    }.Select(constant => (constant.Item1, Text(constant.Item2)));

    private static IEnumerable<(string Name, string Value)> Layout<T>(string type, params (string Theirs, string Ours)[] fields)
        where T : struct
    {
        yield return ($"sizeof({type})", Text(Marshal.SizeOf<T>()));
        foreach ((string theirs, string ours) in fields)
        {
            Type fieldType = typeof(T).GetField(ours, BindingFlags.Instance | BindingFlags.NonPublic)!.FieldType;
            yield return ($"{type}.{theirs}", $"{Marshal.OffsetOf<T>(ours)}:{Marshal.SizeOf(fieldType)}");
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
