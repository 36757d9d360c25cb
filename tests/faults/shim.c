/* Preloaded into a daemon: makes its disk, its memory or its clock misbehave, as files in the
 * folder that TAGFERRY_FAULTS names say:
 *
 *   disk    "ERRNO PATH": what changes files below PATH fails with that number
 *   memory  "BYTES": an allocation of so much or more is refused
 *   clock   "SECONDS": CLOCK_REALTIME is so much ahead, or behind when negative
 *
 * Without the file all is as ever. The files are looked at once in a while, not at each call. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ORDER_SIZE = 512, LOOK_MS = 5 };

/* `real`: the function behind the one that takes its name here. */
#define REAL(name)                                                                                 \
    static _Atomic(__typeof__(&name)) kept;                                                        \
    __typeof__(&name) real = atomic_load(&kept);                                                   \
    if (!real) {                                                                                   \
        void *found = dlsym(RTLD_NEXT, #name);                                                     \
        memcpy(&real, &found, sizeof real);                                                        \
        atomic_store(&kept, real);                                                                 \
    }

static const char *folder(void)
{
    return getenv("TAGFERRY_FAULTS");
}

/* Reads with plain system calls: it may be called from within an allocation. */
static int read_order(const char *name, char text[ORDER_SIZE])
{
    char path[PATH_MAX];
    size_t len = 0;
    const char *dir = folder();
    if (!dir || strlen(dir) + strlen(name) + 2 > sizeof path)
        return 0;
    for (; dir[len]; len++)
        path[len] = dir[len];
    path[len++] = '/';
    for (size_t i = 0; name[i]; i++)
        path[len++] = name[i];
    path[len] = '\0';
    long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    long got = syscall(SYS_read, fd, text, ORDER_SIZE - 1);
    syscall(SYS_close, fd);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

/* Disk. */

/* The number of an order for the disk, and the path that it is for; 0 when there is none. */
static int disk_order(char order[ORDER_SIZE], char **prefix)
{
    if (!read_order("disk", order))
        return 0;
    int number = (int)strtol(order, prefix, 10);
    *prefix += strspn(*prefix, " ");
    (*prefix)[strcspn(*prefix, "\n")] = '\0';
    return number;
}

static int disk_fault(int fd)
{
    char order[ORDER_SIZE], link[64], path[PATH_MAX], *prefix;
    int saved = errno, number = disk_order(order, &prefix);
    errno = saved;
    if (number == 0)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    errno = saved;
    path[len > 0 ? len : 0] = '\0';
    return strncmp(path, prefix, strlen(prefix)) == 0 ? number : 0;
}

static int refuse(int number)
{
    errno = number;
    return -1;
}

ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write)
    int fault = fd > 2 ? disk_fault(fd) : 0;
    return fault ? refuse(fault) : real(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    REAL(pwrite)
    int fault = disk_fault(fd);
    return fault ? refuse(fault) : real(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    return pwrite(fd, data, size, at);
}

int fsync(int fd)
{
    REAL(fsync)
    int fault = disk_fault(fd);
    return fault ? refuse(fault) : real(fd);
}

int fdatasync(int fd)
{
    REAL(fdatasync)
    int fault = disk_fault(fd);
    return fault ? refuse(fault) : real(fd);
}

int ftruncate(int fd, off_t size)
{
    REAL(ftruncate)
    int fault = disk_fault(fd);
    return fault ? refuse(fault) : real(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

/* Answers the number in place of setting it. A disk that is full still has the blocks that the file
 * owns already. */
int posix_fallocate(int fd, off_t at, off_t size)
{
    REAL(posix_fallocate)
    struct stat st;
    int fault = disk_fault(fd);
    if (fault == ENOSPC && fstat(fd, &st) == 0 && st.st_blocks * 512 >= at + size)
        fault = 0;
    return fault ? fault : real(fd, at, size);
}

int posix_fallocate64(int fd, off64_t at, off64_t size)
{
    return posix_fallocate(fd, at, size);
}

/* On a file system that is read-only nothing is opened for writing, and nothing is made. */
static int open_fault(const char *path, int flags)
{
    char order[ORDER_SIZE], *prefix;
    if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) == 0 || disk_order(order, &prefix) != EROFS)
        return 0;
    return strncmp(path, prefix, strlen(prefix)) == 0 ? EROFS : 0;
}

int open(const char *path, int flags, ...)
{
    REAL(open)
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    int fault = open_fault(path, flags);
    return fault ? refuse(fault) : real(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open(path, flags, mode);
}

/* A mapping has lost its descriptor: any order for the disk makes it fail. */
int msync(void *start, size_t size, int flags)
{
    char order[ORDER_SIZE], *prefix;
    REAL(msync)
    int fault = disk_order(order, &prefix);
    return fault ? refuse(fault) : real(start, size, flags);
}

/* Memory. */

static long steady_ms(void)
{
    struct timespec now = {0};
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int is_refused(size_t size)
{
    static _Atomic long looked_ms;
    static _Atomic unsigned long limit;
    char order[ORDER_SIZE];
    int saved = errno;
    long now = steady_ms();
    if (now - atomic_load(&looked_ms) >= LOOK_MS) {
        atomic_store(&looked_ms, now);
        atomic_store(&limit, read_order("memory", order) ? strtoul(order, NULL, 10) : 0);
    }
    errno = saved;
    unsigned long most = atomic_load(&limit);
    if (most == 0 || size < most)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    REAL(malloc)
    return is_refused(size) ? NULL : real(size);
}

void *realloc(void *old, size_t size)
{
    REAL(realloc)
    return is_refused(size) ? NULL : real(old, size);
}

/* dlsym itself may want zeroed memory, before it can say where that comes from. */
void *calloc(size_t count, size_t size)
{
    static _Thread_local int looking;
    static char early[8192];
    static _Atomic size_t used;
    if (looking) {
        size_t at = atomic_fetch_add(&used, (count * size + 15) & ~(size_t)15);
        return at + count * size <= sizeof early ? early + at : NULL;
    }
    looking = 1;
    REAL(calloc)
    looking = 0;
    return is_refused(count * size) ? NULL : real(count, size);
}

/* Clock. */

int clock_gettime(clockid_t id, struct timespec *now)
{
    char order[ORDER_SIZE];
    int rc = (int)syscall(SYS_clock_gettime, id, now);
    int saved = errno;
    if (rc == 0 && id == CLOCK_REALTIME && read_order("clock", order))
        now->tv_sec += strtol(order, NULL, 10);
    errno = saved;
    return rc;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *where)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (where)
        *where = now.tv_sec;
    return now.tv_sec;
}
