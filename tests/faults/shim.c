/* Preloaded into a daemon: makes its disk, its memory or its clock misbehave, as files in the
 * folder that TAGFERRY_FAULTS names say:
 *
 *   disk    "ERRNO PATH": what changes files below PATH fails with that number
 *   memory  "BYTES": an allocation of so much or more is refused
 *   clock   "SECONDS": CLOCK_REALTIME is so much ahead, or behind when negative
 *
 * Without the file all is as ever. The files are looked at once in a while, not at each call.
 *
 * The file "allocations" is made at the start and mapped: struct allocation_order, which refuses
 * the nth allocation from the moment of the order on, and counts. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "real.h"

enum { ORDER_SIZE = 512, LOOK_MS = 5 };

/* Words of the file "allocations". A test sets `first` last; later counts belong to its order. */
struct allocation_order {
    _Atomic uint64_t first;   /* the first allocation that is refused, from 1; 0: none is */
    _Atomic uint64_t times;   /* how many are refused in all */
    _Atomic uint64_t every;   /* interval from the first on; 0 means 1 */
    _Atomic uint64_t own;     /* 1: only allocations of the program's own code count */
    _Atomic uint64_t counted; /* allocations since the order */
    _Atomic uint64_t refused; /* of these */
};

static struct allocation_order *allocations; /* NULL: no orders */
static uintptr_t program_begin, program_end; /* the program's own code */

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

/* The errno of an order for the disk and its path; 0 without an order. */
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

/* Returns the errno instead of setting it. A full disk still has the blocks that the file already
 * owns. */
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

/* On a read-only file system, no file is opened for writing or created. */
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

/* A mapping has no descriptor: any order for the disk makes it fail. */
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

static int is_too_large(size_t size)
{
    static _Atomic long looked_ms;
    static _Atomic unsigned long limit;
    char order[ORDER_SIZE];
    long now = steady_ms();
    if (now - atomic_load(&looked_ms) >= LOOK_MS) {
        atomic_store(&looked_ms, now);
        atomic_store(&limit, read_order("memory", order) ? strtoul(order, NULL, 10) : 0);
    }
    unsigned long most = atomic_load(&limit);
    return most != 0 && size >= most;
}

/* Counts an allocation during an order. True if it must be refused. */
static int is_its_turn(const void *caller)
{
    struct allocation_order *order = allocations;
    uint64_t first = order ? atomic_load(&order->first) : 0;
    uintptr_t at = (uintptr_t)caller;
    if (first == 0 || (atomic_load(&order->own) && (at < program_begin || at >= program_end)))
        return 0;
    uint64_t number = atomic_fetch_add(&order->counted, 1) + 1;
    uint64_t every = atomic_load(&order->every);
    if (number < first || (number - first) % (every ? every : 1) != 0)
        return 0;
    if (atomic_fetch_add(&order->refused, 1) < atomic_load(&order->times))
        return 1;
    atomic_fetch_sub(&order->refused, 1);
    return 0;
}

static int is_refused(size_t size, const void *caller)
{
    int saved = errno;
    int refused = is_too_large(size) | is_its_turn(caller);
    errno = refused ? ENOMEM : saved;
    return refused;
}

#define CALLER __builtin_return_address(0)

void *malloc(size_t size)
{
    REAL(malloc)
    return is_refused(size, CALLER) ? NULL : real(size);
}

void *realloc(void *old, size_t size)
{
    REAL(realloc)
    return is_refused(size, CALLER) ? NULL : real(old, size);
}

/* dlsym itself may need zeroed memory before it can find the allocator. */
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
    return is_refused(count * size, CALLER) ? NULL : real(count, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
    REAL(realloc)
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || is_refused(bytes, CALLER)) {
        errno = ENOMEM;
        return NULL;
    }
    return real(old, bytes);
}

/* Answers the number in place of setting it. */
int posix_memalign(void **at, size_t alignment, size_t size)
{
    REAL(posix_memalign)
    return is_refused(size, CALLER) ? ENOMEM : real(at, alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    REAL(aligned_alloc)
    return is_refused(size, CALLER) ? NULL : real(alignment, size);
}

void *memalign(size_t alignment, size_t size)
{
    REAL(memalign)
    return is_refused(size, CALLER) ? NULL : real(alignment, size);
}

static char *copy_text(const char *text, size_t len, const void *caller)
{
    REAL(malloc)
    char *copy = is_refused(len + 1, caller) ? NULL : real(len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

char *strdup(const char *text)
{
    return copy_text(text, strlen(text), CALLER);
}

char *strndup(const char *text, size_t most)
{
    return copy_text(text, strnlen(text, most), CALLER);
}

static void find_program(void)
{
    const ElfW(Phdr) *header = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    unsigned long count = getauxval(AT_PHNUM);
    uintptr_t base = 0;
    for (unsigned long i = 0; header && i < count; i++) {
        if (header[i].p_type == PT_PHDR)
            base = (uintptr_t)header - header[i].p_vaddr;
    }
    for (unsigned long i = 0; header && i < count; i++) {
        if (header[i].p_type == PT_LOAD && (header[i].p_flags & PF_X)) {
            program_begin = base + header[i].p_vaddr;
            program_end = program_begin + header[i].p_memsz;
        }
    }
}

__attribute__((constructor)) static void map_allocations(void)
{
    char path[PATH_MAX];
    const char *dir = folder();
    if (!dir)
        return;
    find_program();
    snprintf(path, sizeof path, "%s/allocations", dir);
    long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    size_t size = sizeof *allocations;
    void *at = syscall(SYS_ftruncate, fd, (long)size) == 0
                   ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0)
                   : MAP_FAILED;
    syscall(SYS_close, fd);
    allocations = at == MAP_FAILED ? NULL : at;
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
