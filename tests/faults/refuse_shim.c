/* Preloaded into a daemon: refuses the nth call of one function of libc with an error, as struct
 * call_order in the file "calls" of the folder TAGFERRY_FAULTS says. The file is made by the test,
 * and mapped at the start.
 *
 * A refused call has no effect, as the kernel's refusals; but SHORT lets a transfer take or bring
 * half of its bytes. Standard error is left out, for the log, and what the C library calls itself.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "real.h"

enum { NAME_SIZE = 24, SHORT = 1000 };

enum what { ANYTHING, A_FILE, A_SOCKET };

/* A test sets `first` last; the counts belong to its order. */
struct call_order {
    _Atomic uint64_t first;   /* the first call that is refused, from 1; 0: none is */
    _Atomic uint64_t times;   /* how many are refused from there on */
    _Atomic uint64_t error;   /* errno, or SHORT */
    _Atomic uint64_t what;    /* enum what: descriptors of other kinds do not count */
    _Atomic uint64_t counted; /* calls since the order */
    _Atomic uint64_t refused; /* of these */
    char name[NAME_SIZE];
};

static struct call_order *order; /* NULL: no orders */

static int is_of_kind(int fd, uint64_t what)
{
    struct stat st;
    if (what == ANYTHING)
        return 1;
    if (syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH) != 0)
        return 0;
    return what == A_FILE ? S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) : S_ISSOCK(st.st_mode);
}

/* Returns the error of this call, or 0. `fd` is -1 where there is none. */
static int error_of(const char *name, int fd)
{
    uint64_t first = order ? atomic_load(&order->first) : 0;
    int saved = errno, is_counted = first != 0 && fd != STDERR_FILENO &&
                                    strcmp(name, order->name) == 0 &&
                                    (fd < 0 || is_of_kind(fd, atomic_load(&order->what)));
    errno = saved;
    if (!is_counted)
        return 0;
    uint64_t number = atomic_fetch_add(&order->counted, 1) + 1;
    if (number < first || number >= first + atomic_load(&order->times))
        return 0;
    atomic_fetch_add(&order->refused, 1);
    return (int)atomic_load(&order->error);
}

#define REFUSE(name, fd, failure)                                                                  \
    REAL(name)                                                                                     \
    int error = error_of(#name, fd);                                                               \
    if (error != 0 && error != SHORT) {                                                            \
        errno = error;                                                                             \
        return failure;                                                                            \
    }

#define HALF(size) (error == SHORT && (size) > 1 ? (size) / 2 : (size))

/* Calls that have no variable arguments: result, failure, name, descriptor, parameters, arguments.
 */
#define CALLS(ROW)                                                                                 \
    ROW(ssize_t, -1, recvmsg, fd, (int fd, struct msghdr *m, int flags), (fd, m, flags))           \
    ROW(ssize_t, -1, sendmsg, fd, (int fd, const struct msghdr *m, int flags), (fd, m, flags))     \
    ROW(ssize_t, -1, recv, fd, (int fd, void *at, size_t size, int flags),                         \
        (fd, at, HALF(size), flags))                                                               \
    ROW(ssize_t, -1, send, fd, (int fd, const void *at, size_t size, int flags),                   \
        (fd, at, HALF(size), flags))                                                               \
    ROW(ssize_t, -1, recvfrom, fd,                                                                 \
        (int fd, void *restrict at, size_t size, int flags, struct sockaddr *restrict from,        \
         socklen_t *restrict len),                                                                 \
        (fd, at, size, flags, from, len))                                                          \
    ROW(ssize_t, -1, sendto, fd,                                                                   \
        (int fd, const void *at, size_t size, int flags, const struct sockaddr *to,                \
         socklen_t len),                                                                           \
        (fd, at, size, flags, to, len))                                                            \
    ROW(ssize_t, -1, read, fd, (int fd, void *at, size_t size), (fd, at, HALF(size)))              \
    ROW(ssize_t, -1, write, fd, (int fd, const void *at, size_t size), (fd, at, HALF(size)))       \
    ROW(ssize_t, -1, pread, fd, (int fd, void *at, size_t size, off_t from),                       \
        (fd, at, HALF(size), from))                                                                \
    ROW(ssize_t, -1, pwrite, fd, (int fd, const void *at, size_t size, off_t to),                  \
        (fd, at, HALF(size), to))                                                                  \
    ROW(ssize_t, -1, sendfile, to, (int to, int from, off_t *at, size_t size),                     \
        (to, from, at, HALF(size)))                                                                \
    ROW(int, -1, socket, -1, (int domain, int type, int protocol), (domain, type, protocol))       \
    ROW(int, -1, socketpair, -1, (int domain, int type, int protocol, int pair[2]),                \
        (domain, type, protocol, pair))                                                            \
    ROW(int, -1, bind, fd, (int fd, const struct sockaddr *to, socklen_t len), (fd, to, len))      \
    ROW(int, -1, listen, fd, (int fd, int most), (fd, most))                                       \
    ROW(int, -1, accept4, fd,                                                                      \
        (int fd, struct sockaddr *restrict from, socklen_t *restrict len, int flags),              \
        (fd, from, len, flags))                                                                    \
    ROW(int, -1, connect, fd, (int fd, const struct sockaddr *to, socklen_t len), (fd, to, len))   \
    ROW(int, -1, setsockopt, fd, (int fd, int level, int name, const void *value, socklen_t len),  \
        (fd, level, name, value, len))                                                             \
    ROW(int, -1, getsockname, fd, (int fd, struct sockaddr *restrict at, socklen_t *restrict len), \
        (fd, at, len))                                                                             \
    ROW(int, -1, epoll_create1, -1, (int flags), (flags))                                          \
    ROW(int, -1, epoll_wait, -1, (int fd, struct epoll_event *at, int most, int ms),               \
        (fd, at, most, ms))                                                                        \
    ROW(int, -1, poll, -1, (struct pollfd * at, nfds_t count, int ms), (at, count, ms))            \
    ROW(int, -1, ppoll, -1,                                                                        \
        (struct pollfd * at, nfds_t count, const struct timespec *most, const sigset_t *mask),     \
        (at, count, most, mask))                                                                   \
    ROW(int, -1, select, -1,                                                                       \
        (int count, fd_set *restrict r, fd_set *restrict w, fd_set *restrict e,                    \
         struct timeval *restrict most),                                                           \
        (count, r, w, e, most))                                                                    \
    ROW(int, -1, pselect, -1,                                                                      \
        (int count, fd_set *restrict r, fd_set *restrict w, fd_set *restrict e,                    \
         const struct timespec *restrict most, const sigset_t *restrict mask),                     \
        (count, r, w, e, most, mask))                                                              \
    ROW(int, -1, eventfd, -1, (unsigned value, int flags), (value, flags))                         \
    ROW(int, -1, inotify_init1, -1, (int flags), (flags))                                          \
    ROW(int, -1, inotify_add_watch, -1, (int fd, const char *path, uint32_t mask),                 \
        (fd, path, mask))                                                                          \
    ROW(int, -1, memfd_create, -1, (const char *name, unsigned flags), (name, flags))              \
    ROW(int, -1, flock, fd, (int fd, int how), (fd, how))                                          \
    ROW(int, -1, fsync, fd, (int fd), (fd))                                                        \
    ROW(int, -1, fdatasync, fd, (int fd), (fd))                                                    \
    ROW(int, -1, msync, -1, (void *at, size_t size, int flags), (at, size, flags))                 \
    ROW(int, -1, ftruncate, fd, (int fd, off_t size), (fd, size))                                  \
    ROW(int, -1, rename, -1, (const char *from, const char *to), (from, to))                       \
    ROW(int, -1, link, -1, (const char *from, const char *to), (from, to))                         \
    ROW(int, -1, unlink, -1, (const char *path), (path))                                           \
    ROW(int, -1, mkdir, -1, (const char *path, mode_t mode), (path, mode))                         \
    ROW(int, -1, chmod, -1, (const char *path, mode_t mode), (path, mode))                         \
    ROW(int, -1, fchmod, fd, (int fd, mode_t mode), (fd, mode))                                    \
    ROW(int, -1, stat, -1, (const char *restrict path, struct stat *restrict st), (path, st))      \
    ROW(int, -1, lstat, -1, (const char *restrict path, struct stat *restrict st), (path, st))     \
    ROW(int, -1, fstat, fd, (int fd, struct stat *st), (fd, st))                                   \
    ROW(int, -1, fstatvfs, fd, (int fd, struct statvfs *st), (fd, st))                             \
    ROW(FILE *, NULL, fopen, -1, (const char *restrict path, const char *restrict mode),           \
        (path, mode))                                                                              \
    ROW(ssize_t, -1, getrandom, -1, (void *at, size_t size, unsigned flags), (at, size, flags))

#define DEFINE(type, failure, name, fd, parameters, arguments)                                     \
    type name parameters                                                                           \
    {                                                                                              \
        REFUSE(name, fd, failure)                                                                  \
        return real arguments;                                                                     \
    }
CALLS(DEFINE)

/* EPOLL_CTL_MOD and EPOLL_CTL_DEL need no memory. */
int epoll_ctl(int fd, int what, int other, struct epoll_event *event)
{
    REAL(epoll_ctl)
    int error = what == EPOLL_CTL_ADD ? error_of("epoll_ctl", -1) : 0;
    if (error != 0) {
        errno = error;
        return -1;
    }
    return real(fd, what, other, event);
}

int signalfd(int fd, const sigset_t *mask, int flags)
{
    REFUSE(signalfd, -1, -1)
    return real(fd, mask, flags);
}

/* These two return the error. */

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict how,
                   void *(*run)(void *), void *restrict data)
{
    REAL(pthread_create)
    int error = error_of("pthread_create", -1);
    return error ? error : real(thread, how, run, data);
}

int posix_fallocate(int fd, off_t at, off_t size)
{
    REAL(posix_fallocate)
    int error = error_of("posix_fallocate", fd);
    return error ? error : real(fd, at, size);
}

/* The mappings of the loader and of the allocator do not come here. */
void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t from)
{
    int error = error_of("mmap", -1);
    if (error != 0) {
        errno = error;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, from);
}

#define MODE_OF(flags, last)                                                                       \
    va_list rest;                                                                                  \
    va_start(rest, last);                                                                          \
    mode_t mode = (flags) & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                      \
    va_end(rest);

int open(const char *path, int flags, ...)
{
    MODE_OF(flags, flags)
    REFUSE(open, -1, -1)
    return real(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    MODE_OF(flags, flags)
    REFUSE(openat, -1, -1)
    return real(folder, path, flags, mode);
}

/* Commands that need a descriptor or memory; the others, and the end of a lock, do not fail. */
static int fcntl_error(int fd, int what, const struct flock *lock)
{
    int locks = (what == F_SETLK || what == F_SETLKW) && lock->l_type != F_UNLCK;
    int may = locks || what == F_DUPFD || what == F_DUPFD_CLOEXEC;
    return may ? error_of("fcntl", fd) : 0;
}

int fcntl(int fd, int what, ...)
{
    REAL(fcntl)
    va_list rest;
    va_start(rest, what);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    int error = fcntl_error(fd, what, argument);
    if (error != 0) {
        errno = error;
        return -1;
    }
    return real(fd, what, argument);
}

/* The names that programs with large files use; on this machine the same functions. */
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));
int fcntl64(int fd, int what, ...) __attribute__((alias("fcntl")));
ssize_t pread64(int fd, void *at, size_t size, off_t from) __attribute__((alias("pread")));
ssize_t pwrite64(int fd, const void *at, size_t size, off_t to) __attribute__((alias("pwrite")));
ssize_t sendfile64(int to, int from, off_t *at, size_t size) __attribute__((alias("sendfile")));
int ftruncate64(int fd, off_t size) __attribute__((alias("ftruncate")));
int posix_fallocate64(int fd, off_t at, off_t size) __attribute__((alias("posix_fallocate")));
void *mmap64(void *at, size_t size, int protection, int flags, int fd, off_t from)
    __attribute__((alias("mmap")));

int stat64(const char *restrict path, struct stat64 *restrict st)
{
    return stat(path, (struct stat *)st);
}

int lstat64(const char *restrict path, struct stat64 *restrict st)
{
    return lstat(path, (struct stat *)st);
}

int fstat64(int fd, struct stat64 *st)
{
    return fstat(fd, (struct stat *)st);
}

__attribute__((constructor)) static void map_order(void)
{
    char path[PATH_MAX];
    const char *folder = getenv("TAGFERRY_FAULTS");
    if (!folder || snprintf(path, sizeof path, "%s/calls", folder) >= (int)sizeof path)
        return;
    long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *at =
        (void *)syscall(SYS_mmap, NULL, sizeof *order, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    order = at == MAP_FAILED ? NULL : at;
}
