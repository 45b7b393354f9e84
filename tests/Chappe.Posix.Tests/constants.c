/* Prints every constant, offset and size that Chappe.Posix takes from the system's headers. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* FUTEX2_SIZE_U32 is called FUTEX_32 in headers before Linux 6.7. */
#ifndef FUTEX2_SIZE_U32
#define FUTEX2_SIZE_U32 FUTEX_32
#define FUTEX2_PRIVATE FUTEX_PRIVATE_FLAG
#endif

#define VALUE(name) printf("%s %lld\n", #name, (long long)(name))
#define SIZE(type) printf("sizeof(%s) %zu\n", #type, sizeof(type))
#define FIELD(type, field) printf("%s.%s %zu:%zu\n", #type, #field, offsetof(type, field), sizeof(((type *)0)->field))

typedef struct flock flock_t;
typedef struct statx statx_t;
typedef struct timespec timespec_t;
typedef struct open_how open_how_t;
typedef struct futex_waitv futex_waitv_t;
typedef struct rlimit rlimit_t;

int main(void)
{
    VALUE(EPERM); VALUE(ENOENT); VALUE(EINTR); VALUE(ENXIO); VALUE(EAGAIN); VALUE(ENOMEM); VALUE(EACCES); VALUE(EEXIST);
    VALUE(EXDEV); VALUE(ENOTDIR); VALUE(EISDIR); VALUE(EINVAL); VALUE(ENFILE); VALUE(EMFILE); VALUE(EFBIG); VALUE(ENOSPC);
    VALUE(ENAMETOOLONG); VALUE(ENOSYS); VALUE(ELOOP); VALUE(EOPNOTSUPP); VALUE(ETIMEDOUT); VALUE(EDQUOT);

    VALUE(O_RDONLY); VALUE(O_RDWR); VALUE(O_NOCTTY); VALUE(O_NONBLOCK); VALUE(O_CLOEXEC);
    VALUE(O_DIRECTORY); VALUE(O_NOFOLLOW); VALUE(O_TMPFILE);
    VALUE(AT_FDCWD); VALUE(AT_SYMLINK_NOFOLLOW); VALUE(AT_SYMLINK_FOLLOW); VALUE(AT_EMPTY_PATH);
    VALUE(RESOLVE_NO_MAGICLINKS); VALUE(RESOLVE_BENEATH); VALUE(SYS_openat2);

    VALUE(PROT_READ); VALUE(PROT_WRITE); VALUE(MAP_SHARED); VALUE(MAP_NORESERVE); VALUE(MADV_DONTFORK); VALUE(MADV_DONTDUMP);
    VALUE(SEEK_HOLE); printf("MAP_FAILED %lld\n", (long long)MAP_FAILED);

    VALUE(F_OFD_GETLK); VALUE(F_OFD_SETLK); VALUE(F_WRLCK); VALUE(F_UNLCK);
    VALUE(CLOCK_MONOTONIC); VALUE(CLOCK_REALTIME); VALUE(NAME_MAX); VALUE(SEM_VALUE_MAX);
    VALUE(FUTEX2_SIZE_U32); VALUE(FUTEX2_PRIVATE); VALUE(FUTEX_WAKE); VALUE(FUTEX_PRIVATE_FLAG); VALUE(SYS_futex_waitv); VALUE(SYS_futex);
    VALUE(STATX_BASIC_STATS); VALUE(S_IFMT); VALUE(S_IFREG); VALUE(S_IFLNK);
    VALUE(RLIMIT_FSIZE); VALUE(RLIMIT_NOFILE); VALUE(RLIM_INFINITY);

    SIZE(sem_t); SIZE(flock_t); SIZE(statx_t); SIZE(timespec_t); SIZE(open_how_t); SIZE(futex_waitv_t); SIZE(rlimit_t);
    FIELD(flock_t, l_type); FIELD(flock_t, l_whence); FIELD(flock_t, l_start); FIELD(flock_t, l_len); FIELD(flock_t, l_pid);
    FIELD(timespec_t, tv_sec); FIELD(timespec_t, tv_nsec);
    FIELD(open_how_t, flags); FIELD(open_how_t, mode); FIELD(open_how_t, resolve);
    FIELD(futex_waitv_t, val); FIELD(futex_waitv_t, uaddr); FIELD(futex_waitv_t, flags); FIELD(futex_waitv_t, __reserved);
    FIELD(rlimit_t, rlim_cur); FIELD(rlimit_t, rlim_max);
    FIELD(statx_t, stx_nlink); FIELD(statx_t, stx_uid); FIELD(statx_t, stx_gid); FIELD(statx_t, stx_mode); FIELD(statx_t, stx_ino);
    FIELD(statx_t, stx_size); FIELD(statx_t, stx_blocks); FIELD(statx_t, stx_ctime.tv_sec); FIELD(statx_t, stx_ctime.tv_nsec);
    FIELD(statx_t, stx_mtime.tv_sec); FIELD(statx_t, stx_mtime.tv_nsec); FIELD(statx_t, stx_dev_major); FIELD(statx_t, stx_dev_minor);
    return 0;
}
