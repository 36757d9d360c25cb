/* Creates, opens, locks and maps the files that processes share. */
#include "common/shm.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static void say(char *why, size_t size, const char *path, const char *what)
{
    snprintf(why, size, "%s: %s", path, what);
}

static bool lock(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* What is wrong with the header of an existing file, or NULL. */
static const char *header_fault(int fd, const struct shm_spec *spec, bool exact)
{
    struct shm_header header;
    struct stat st;
    if (fstat(fd, &st) != 0 || pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header)
        return "is cut short";
    if (memcmp(header.magic, spec->magic, SHM_MAGIC_SIZE) != 0)
        return "is no file of this kind";
    if (header.layout != spec->layout)
        return "has another layout";
    if (exact ? header.size != spec->size : header.size < spec->size)
        return "has another size";
    if ((uint64_t)st.st_size < header.size)
        return "is cut short";
    return NULL;
}

static bool map(struct shm *shm, const struct shm_spec *spec, int protection)
{
    struct stat st;
    size_t size = spec->map > spec->size ? spec->map : spec->size;
    if (fstat(shm->fd, &st) != 0)
        return false;
    void *base = mmap(NULL, size, protection, MAP_SHARED, shm->fd, 0);
    if (base == MAP_FAILED)
        return false;
    shm->base = base;
    shm->mapped = size;
    shm->device = st.st_dev;
    shm->inode = st.st_ino;
    return true;
}

static bool fill_header(int fd, const struct shm_spec *spec)
{
    struct shm_header header = {.layout = spec->layout, .size = spec->size};
    memcpy(header.magic, spec->magic, SHM_MAGIC_SIZE);
    if (getrandom(&header.identity, sizeof header.identity, 0) != (ssize_t)sizeof header.identity)
        return false;
    int rc = posix_fallocate(fd, 0, (off_t)spec->size);
    if (rc != 0) {
        errno = rc;
        return false;
    }
    return pwrite(fd, &header, sizeof header, 0) == (ssize_t)sizeof header;
}

/* True when the path names the file that is open; with none open, when it names none. */
static bool is_at(int fd, const char *path)
{
    struct stat mine, there;
    if (stat(path, &there) != 0)
        return fd < 0 && errno == ENOENT;
    return fd >= 0 && fstat(fd, &mine) == 0 && mine.st_ino == there.st_ino &&
           mine.st_dev == there.st_dev;
}

/* Makes the file beside its place and renames it, so that nobody sees half of it. Only the one who
 * has the draft locked may, and only while the place is as it was: with the file `old`, or empty.
 * Anything else is EWOULDBLOCK. */
static int create(const struct shm_spec *spec, int old)
{
    char draft[PATH_MAX];
    if (snprintf(draft, sizeof draft, "%s.new", spec->path) >= (int)sizeof draft) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(draft, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return -1;
    bool mine = lock(fd) && is_at(fd, draft);
    errno = EWOULDBLOCK;
    if (mine && is_at(old, spec->path) && ftruncate(fd, 0) == 0 && fill_header(fd, spec) &&
        fdatasync(fd) == 0 && rename(draft, spec->path) == 0)
        return fd;
    int saved = errno;
    if (mine)
        unlink(draft);
    close(fd);
    errno = saved;
    return -1;
}

static const char *reason(int error)
{
    return error == EWOULDBLOCK ? "is in use by another process" : strerror(error);
}

enum shm_opened shm_open_writer(struct shm *shm, const struct shm_spec *spec, bool replace,
                                char *why, size_t why_size)
{
    enum shm_opened opened = SHM_EXISTING;
    const char *fault = NULL;
    int old = -1;
    *shm = (struct shm){.fd = open(spec->path, O_RDWR | O_CLOEXEC)};
    if (shm->fd < 0 && errno != ENOENT) {
        fault = reason(errno);
        goto done;
    }
    if (shm->fd >= 0) {
        bool ours = lock(shm->fd) && is_at(shm->fd, spec->path);
        fault = ours ? header_fault(shm->fd, spec, true) : reason(EWOULDBLOCK);
        if (fault && !(ours && replace))
            goto done;
    }
    if (shm->fd < 0 || fault) {
        old = shm->fd; /* locked until the new one is in its place */
        shm->fd = create(spec, old);
        opened = SHM_CREATED;
    }
    fault = NULL;
    if (shm->fd < 0 || !map(shm, spec, PROT_READ | PROT_WRITE))
        fault = reason(errno);
done:
    if (old >= 0)
        close(old);
    if (!fault)
        return opened;
    say(why, why_size, spec->path, fault);
    shm_close(shm);
    return SHM_FAILED;
}

bool shm_open_reader(struct shm *shm, const struct shm_spec *spec, char *why, size_t why_size)
{
    *shm = (struct shm){.fd = open(spec->path, O_RDONLY | O_CLOEXEC)};
    if (shm->fd < 0) {
        say(why, why_size, spec->path, strerror(errno));
        return false;
    }
    const char *fault = header_fault(shm->fd, spec, false);
    if (fault)
        say(why, why_size, spec->path, fault);
    else if (map(shm, spec, PROT_READ))
        return true;
    else
        say(why, why_size, spec->path, strerror(errno));
    shm_close(shm);
    return false;
}

void shm_close(struct shm *shm)
{
    if (!shm)
        return;
    if (shm->base)
        munmap(shm->base, shm->mapped);
    if (shm->base || shm->fd > 0)
        close(shm->fd);
    *shm = (struct shm){.fd = -1};
}

bool shm_was_replaced(const struct shm *shm, const char *path)
{
    struct stat st;
    return stat(path, &st) != 0 || st.st_ino != shm->inode || st.st_dev != shm->device;
}

size_t shm_file_size(const struct shm *shm)
{
    struct stat st;
    return fstat(shm->fd, &st) == 0 ? (size_t)st.st_size : 0;
}

bool shm_grow(struct shm *shm, size_t size)
{
    if (size > shm->mapped) {
        errno = ENOMEM;
        return false;
    }
    int rc = posix_fallocate(shm->fd, 0, (off_t)size);
    errno = rc;
    return rc == 0;
}
