/* Preloaded into a program: appends all that changes files below the folder TAGFERRY_WRITES_BELOW
 * to the file TAGFERRY_WRITES, in order, for replay.py. A record is struct record and its data.
 *
 * Changes that no call makes (of mapped files, and through the buffers of stdio) are found by
 * comparing the file with its last known content: of mapped files at each call of this file, of
 * others when they are synced or renamed. Names that end with "-shm" are left out: SQLite builds
 * that file again after a power cut.
 *
 * While the file TAGFERRY_WRITES_FAIL exists, syncs fail as those of Linux do when the disk does:
 * the pages count as written, though they are not, so that a later sync leaves them out, unless
 * they are changed again. `P` records a store into such a page of a mapped file, also one that
 * changes nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MAX = 64, WORD = 8, PAGE = 4096 };

struct record {
    uint64_t time_ns; /* CLOCK_MONOTONIC */
    uint64_t kind;    /* a letter: see replay.py */
    uint64_t inode, at, size;
};

static struct file {
    uint64_t inode;
    int fd; /* of its own: closing it would release the program's locks, so it stays open */
    char *known;
    size_t known_size;
    const char *map; /* or NULL */
} files[FILES_MAX];
static size_t file_count;
static int log_fd = -1;
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

#define REAL(name)                                                                                 \
    __typeof__(&name) real;                                                                        \
    void *found_function = dlsym(RTLD_NEXT, #name);                                                \
    memcpy(&real, &found_function, sizeof real);

static void put(uint64_t kind, uint64_t inode, uint64_t at, const void *data, size_t size)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct record record = {(uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec, kind, inode,
                            at, size};
    if (log_fd < 0)
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, getenv("TAGFERRY_WRITES"),
                              O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (syscall(SYS_write, log_fd, &record, sizeof record) != sizeof record ||
        (size > 0 && syscall(SYS_write, log_fd, data, size) != (long)size))
        abort();
}

/* 1 for a path to record; relative paths are not used. */
static int is_ours(const char *path)
{
    const char *below = getenv("TAGFERRY_WRITES_BELOW");
    size_t len = strlen(path);
    return below && strncmp(path, below, strlen(below)) == 0 &&
           !(len >= 4 && strcmp(path + len - 4, "-shm") == 0);
}

static int path_of(int fd, char path[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, PATH_MAX - 1);
    path[len > 0 ? len : 0] = '\0';
    return is_ours(path);
}

static uint64_t inode_of(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

static struct file *file_of(int fd)
{
    uint64_t inode = inode_of(fd);
    for (size_t i = 0; i < file_count; i++) {
        if (files[i].inode == inode)
            return &files[i];
    }
    if (file_count == FILES_MAX)
        abort();
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int own = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC);
    if (own < 0)
        abort();
    files[file_count] = (struct file){.inode = inode, .fd = own};
    return &files[file_count++];
}

static void keep_known(struct file *file, const void *data, size_t at, size_t size)
{
    if (at + size > file->known_size) {
        file->known = realloc(file->known, at + size);
        memset(file->known + file->known_size, 0, at + size - file->known_size);
        file->known_size = at + size;
    }
    memcpy(file->known + at, data, size);
}

/* Records each run of words that differ. */
static void compare(struct file *file)
{
    struct stat st;
    if (fstat(file->fd, &st) != 0)
        return;
    size_t size = (size_t)st.st_size;
    uint64_t kind = file->map ? 'M' : 'W';
    if (size != file->known_size)
        put('T', file->inode, size, NULL, 0);
    if (size > file->known_size) {
        file->known = realloc(file->known, size);
        memset(file->known + file->known_size, 0, size - file->known_size);
    }
    file->known_size = size;
    for (size_t at = 0; at < size; at += PAGE) {
        char now[PAGE], *known = file->known + at;
        size_t len = size - at < PAGE ? size - at : PAGE;
        if (file->map && memcmp(file->map + at, known, len) == 0)
            continue;
        if (file->map)
            memcpy(now, file->map + at, len);
        else if (pread(file->fd, now, len, (off_t)at) != (ssize_t)len)
            abort();
        for (size_t from = 0; from < len; from += WORD) {
            size_t to = from;
            while (to < len && memcmp(now + to, known + to, len - to < WORD ? len - to : WORD) != 0)
                to += WORD;
            to = to < len ? to : len;
            if (to > from)
                put(kind, file->inode, at + from, now + from, to - from);
            from = to;
        }
        memcpy(known, now, len);
    }
}

static void compare_mapped(void)
{
    for (size_t i = 0; i < file_count; i++) {
        if (files[i].map)
            compare(&files[i]);
    }
}

static void enter(void)
{
    pthread_mutex_lock(&lock);
    compare_mapped();
}

static void leave(void)
{
    int saved = errno;
    pthread_mutex_unlock(&lock);
    errno = saved;
}

/* Syncs that fail. */

static int must_fail(void)
{
    const char *path = getenv("TAGFERRY_WRITES_FAIL");
    return path && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

/* A store into a page that counts as written: from now on it does not. */
static void take_store(int number, siginfo_t *what, void *context)
{
    const char *at = what->si_addr;
    (void)context;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < file_count; i++) {
        const struct file *file = &files[i];
        if (file->map && at >= file->map && at < file->map + file->known_size) {
            size_t page = (size_t)(at - file->map) / PAGE * PAGE;
            put('P', file->inode, page, NULL, 0);
            mprotect((char *)file->map + page, PAGE, PROT_READ | PROT_WRITE);
            pthread_mutex_unlock(&lock);
            return;
        }
    }
    pthread_mutex_unlock(&lock);
    signal(number, SIG_DFL);
}

/* The lock is held, and the file compared. */
static int fail_sync(uint64_t inode)
{
    put('F', inode, 0, NULL, 0);
    for (size_t i = 0; i < file_count; i++) {
        if (files[i].inode == inode && files[i].map) {
            struct sigaction action = {.sa_sigaction = take_store, .sa_flags = SA_SIGINFO};
            sigaction(SIGSEGV, &action, NULL);
            mprotect((char *)files[i].map, files[i].known_size / PAGE * PAGE, PROT_READ);
        }
    }
    leave();
    errno = EIO;
    return -1;
}

/* Calls that write. */

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    REAL(pwrite)
    char path[PATH_MAX];
    if (!path_of(fd, path))
        return real(fd, data, size, at);
    enter();
    ssize_t done = real(fd, data, size, at);
    if (done > 0) {
        struct file *file = file_of(fd);
        put('W', file->inode, (uint64_t)at, data, (size_t)done);
        keep_known(file, data, (size_t)at, (size_t)done);
    }
    leave();
    return done;
}

ssize_t write(int fd, const void *data, size_t size)
{
    REAL(write)
    char path[PATH_MAX];
    enter(); /* libmodbus writes its answer when it has changed the registers */
    ssize_t done = real(fd, data, size);
    if (done > 0 && path_of(fd, path)) {
        uint64_t at = (uint64_t)lseek(fd, 0, SEEK_CUR) - (uint64_t)done;
        struct file *file = file_of(fd);
        put('W', file->inode, at, data, (size_t)done);
        keep_known(file, data, at, (size_t)done);
    }
    leave();
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    return pwrite(fd, data, size, at);
}

static int sync_with(int fd, int (*real)(int))
{
    char path[PATH_MAX];
    struct stat st;
    if (!path_of(fd, path))
        return real(fd);
    enter();
    int is_folder = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
    if (!is_folder)
        compare(file_of(fd));
    put('B', st.st_ino, 0, NULL, 0);
    if (must_fail())
        return fail_sync(st.st_ino);
    leave();
    int rc = real(fd);
    enter();
    if (rc == 0)
        put(is_folder ? 'D' : 'S', st.st_ino, 0, NULL, 0);
    leave();
    return rc;
}

int fsync(int fd)
{
    REAL(fsync)
    return sync_with(fd, real);
}

int fdatasync(int fd)
{
    REAL(fdatasync)
    return sync_with(fd, real);
}

int msync(void *start, size_t len, int flags)
{
    REAL(msync)
    uint64_t inode = 0;
    enter();
    for (size_t i = 0; i < file_count; i++) {
        if (files[i].map == start)
            inode = files[i].inode;
    }
    if (inode)
        put('B', inode, 0, NULL, 0);
    if (inode && must_fail())
        return fail_sync(inode);
    leave();
    int rc = real(start, len, flags);
    enter();
    if (inode && rc == 0 && (flags & MS_SYNC))
        put('S', inode, 0, NULL, 0);
    leave();
    return rc;
}

int ftruncate(int fd, off_t size)
{
    REAL(ftruncate)
    char path[PATH_MAX];
    if (!path_of(fd, path))
        return real(fd, size);
    enter();
    int rc = real(fd, size);
    if (rc == 0)
        compare(file_of(fd));
    leave();
    return rc;
}

int ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

int posix_fallocate(int fd, off_t at, off_t size)
{
    REAL(posix_fallocate)
    char path[PATH_MAX];
    if (!path_of(fd, path))
        return real(fd, at, size);
    enter();
    int rc = real(fd, at, size);
    if (rc == 0)
        compare(file_of(fd));
    leave();
    return rc;
}

int posix_fallocate64(int fd, off64_t at, off64_t size)
{
    return posix_fallocate(fd, at, size);
}

/* Names. */

int open(const char *path, int flags, ...)
{
    REAL(open)
    va_list rest;
    struct stat st;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    if (!(flags & O_CREAT) || !is_ours(path))
        return real(path, flags, mode);
    enter();
    int is_new = lstat(path, &st) != 0;
    int fd = real(path, flags, mode);
    if (fd >= 0 && is_new)
        put('O', file_of(fd)->inode, 0, path, strlen(path));
    leave();
    return fd;
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open(path, flags, mode);
}

static void put_names(uint64_t kind, const char *from, const char *to)
{
    char both[2 * PATH_MAX];
    int len = snprintf(both, sizeof both, "%s%c%s", from, '\n', to);
    put(kind, 0, 0, both, (size_t)len);
}

int rename(const char *from, const char *to)
{
    REAL(rename)
    if (!is_ours(from))
        return real(from, to);
    enter();
    int fd = (int)syscall(SYS_openat, AT_FDCWD, from, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        compare(file_of(fd));
    close(fd);
    int rc = real(from, to);
    if (rc == 0)
        put_names('R', from, to);
    leave();
    return rc;
}

int link(const char *from, const char *to)
{
    REAL(link)
    if (!is_ours(to))
        return real(from, to);
    enter();
    int rc = real(from, to);
    if (rc == 0)
        put_names('L', from, to);
    leave();
    return rc;
}

int unlink(const char *path)
{
    REAL(unlink)
    if (!is_ours(path))
        return real(path);
    enter();
    int rc = real(path);
    if (rc == 0)
        put('U', 0, 0, path, strlen(path));
    leave();
    return rc;
}

/* Mappings. */

void *mmap(void *start, size_t size, int protection, int flags, int fd, off_t at)
{
    char path[PATH_MAX];
    void *map = (void *)syscall(SYS_mmap, start, size, protection, flags, fd, at);
    if (fd < 0 || map == MAP_FAILED || !(flags & MAP_SHARED) || !(protection & PROT_WRITE) ||
        at != 0 || !path_of(fd, path))
        return map;
    pthread_mutex_lock(&lock);
    struct file *file = file_of(fd);
    compare(file);
    file->map = map;
    leave();
    return map;
}

void *mmap64(void *start, size_t size, int protection, int flags, int fd, off64_t at)
{
    return mmap(start, size, protection, flags, fd, at);
}

int munmap(void *start, size_t size)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < file_count; i++) {
        if (files[i].map == start) {
            compare(&files[i]);
            files[i].map = NULL;
        }
    }
    leave();
    return (int)syscall(SYS_munmap, start, size);
}

/* After a write, and before the next one. */

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    REAL(send)
    enter();
    leave();
    return real(fd, data, size, flags);
}

ssize_t recv(int fd, void *data, size_t size, int flags)
{
    REAL(recv)
    enter();
    leave();
    return real(fd, data, size, flags);
}
