/* Creates, opens, locks, maps and replaces shared files. */
#include "common/shared/shm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/folder.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/shared/shm_guard.h"

enum { COPY_SIZE = 4096, MODE = 0640, TOO_MUCH = 07137 };

_Static_assert(sizeof(struct shm_header) == 32, "the format stays as it is");
_Static_assert((MODE & TOO_MUCH) == 0 && (MODE | TOO_MUCH) == 07777, "the rest of the mode bits");

static bool shm_lock_file(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* Takes a second lock, because a reader could query the first one only by taking it, which would
 * lock out a writer for that moment. */
static bool shm_mark_written(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

bool shm_has_writer(const struct shm *shm)
{
    struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    return shm->base && fcntl(shm->fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

/* Opens a file, but follows no symbolic link and does not block on a pipe. For a writer, removes
 * the mode bits that allow access to others. -1 with errno. */
static int shm_open_existing(const char *path, int access)
{
    struct stat st;
    int fd = open(path, access | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && access == O_RDWR && fstat(fd, &st) == 0 && (st.st_mode & TOO_MUCH) != 0)
        (void)!fchmod(fd, st.st_mode & MODE); /* fails for a file of another user */
    return fd;
}

struct shm_fault {
    const char *text;      /* NULL: no fault */
    bool is_other_version; /* an intact file of another version */
    bool is_unreadable;    /* the content is unknown: do not replace */
    uint64_t layout;       /* of the file, when it is another one */
};

/* Checks the header and the length of an existing file. */
static struct shm_fault shm_header_fault(int fd, const struct shm_spec *spec, bool exact)
{
    struct shm_header header;
    struct stat st;
    size_t most = spec->map > spec->size ? spec->map : spec->size;
    if (fstat(fd, &st) != 0)
        return (struct shm_fault){.text = strerror(errno), .is_unreadable = true};
    if (!S_ISREG(st.st_mode))
        return (struct shm_fault){.text = "is not a regular file"};
    ssize_t got = pread(fd, &header, sizeof header, 0);
    if (got < 0)
        return (struct shm_fault){.text = strerror(errno), .is_unreadable = true};
    if (got != (ssize_t)sizeof header)
        return (struct shm_fault){.text = "is cut short"};
    if (memcmp(header.magic, spec->magic, SHM_MAGIC_SIZE) != 0)
        return (struct shm_fault){.text = "is not a file of this kind"};
    uint64_t oldest = spec->oldest == 0 ? spec->layout : spec->oldest;
    uint64_t swapped = __builtin_bswap64(header.layout);
    if (swapped >= oldest && swapped <= spec->layout)
        return (struct shm_fault){.text = "is of a machine with the other byte order",
                                  .is_other_version = true};
    if (header.layout < oldest || header.layout > spec->layout)
        return (struct shm_fault){
            .text = "has another layout", .is_other_version = true, .layout = header.layout};
    if (exact ? header.size != spec->size : header.size < spec->size)
        return (struct shm_fault){.text = "has another size", .is_other_version = true};
    if ((uint64_t)st.st_size < header.size)
        return (struct shm_fault){.text = "is cut short"};
    if ((uint64_t)st.st_size > most)
        return (struct shm_fault){.text = "is longer than its maximum"};
    return (struct shm_fault){0};
}

/* Maps the open file, at its previous address if it was mapped, and records its inode. */
static bool shm_map_file(struct shm *shm, int protection)
{
    struct stat st;
    int flags = MAP_SHARED | (shm->base ? MAP_FIXED : 0);
    if (fstat(shm->fd, &st) != 0)
        return false;
    void *base = mmap(shm->base, shm->mapped, protection, flags, shm->fd, 0);
    if (base == MAP_FAILED)
        return false;
    shm->base = base;
    shm->size = (size_t)st.st_size;
    shm->device = st.st_dev;
    shm->inode = st.st_ino;
    return true;
}

/* Maps the file for the first time. Reads the header through the descriptor, because the file may
 * be cut short at any moment. */
static bool shm_map_first(struct shm *shm, const struct shm_spec *spec, int protection)
{
    shm->mapped = spec->map > spec->size ? spec->map : spec->size;
    if (pread(shm->fd, &shm->header, sizeof shm->header, 0) != (ssize_t)sizeof shm->header ||
        !shm_map_file(shm, protection))
        return false;
    shm->guard = shm_guard_add(shm->base, shm->mapped, shm->fd);
    return shm->guard != NULL;
}

static bool shm_make_identity(struct shm_header *header)
{
    ssize_t got = getrandom(&header->identity, sizeof header->identity, 0);
    return got == (ssize_t)sizeof header->identity;
}

/* Copies the mapping after the header, through a buffer: pwrite would fail with EFAULT on lost
 * pages, memcpy reads zeros there. */
static bool shm_copy_mapped(int fd, const struct shm *shm, size_t size)
{
    char buffer[COPY_SIZE];
    for (size_t at = sizeof(struct shm_header); at < size;) {
        size_t part = size - at < sizeof buffer ? size - at : sizeof buffer;
        memcpy(buffer, (const char *)shm->base + at, part);
        if (pwrite(fd, buffer, part, (off_t)at) != (ssize_t)part)
            return false;
        at += part;
    }
    return true;
}

/* True when the path refers to the open file; for -1, when there is no file at the path. */
static bool shm_is_at_path(int fd, const char *path)
{
    struct stat mine, there;
    if (lstat(path, &there) != 0)
        return fd < 0 && errno == ENOENT;
    return fd >= 0 && fstat(fd, &mine) == 0 && mine.st_ino == there.st_ino &&
           mine.st_dev == there.st_dev;
}

/* Links the file to a second name, which it keeps when a new file replaces it. */
static void shm_set_aside(const char *path, struct shm_fault fault)
{
    char aside[PATH_MAX];
    const char *name = fault.is_other_version ? "old" : "damaged";
    if (snprintf(aside, sizeof aside, "%s.%s", path, name) >= (int)sizeof aside)
        return;
    unlink(aside);
    bool kept = link(path, aside) == 0;
    if (fault.is_other_version)
        log_info("%s: %s: another version wrote it; replaced by a new file, %s%s", path, fault.text,
                 kept ? "the old one is " : "the old one is removed", kept ? aside : "");
    else
        log_warning("%s: %s; %s%s, replaced by a new file", path, fault.text,
                    kept ? "set aside as " : "removed", kept ? aside : "");
}

/* Creates the file under a draft name and renames it, so that no reader sees an incomplete file.
 * Fails with EWOULDBLOCK if another process has locked the draft, or if the path no longer refers
 * to `old` (-1: to no file). With `from`, copies its mapping into the new file. */
static int shm_create_file(const char *path, const struct shm_header *header, size_t size, int old,
                           const struct shm *from, struct shm_fault fault)
{
    char draft[PATH_MAX];
    if (snprintf(draft, sizeof draft, "%s.new", path) >= (int)sizeof draft) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(draft, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, MODE);
    if (fd < 0)
        return -1;
    bool mine = shm_lock_file(fd) && shm_is_at_path(fd, draft), complete = false;
    errno = EWOULDBLOCK;
    if (mine && shm_is_at_path(old, path) && ftruncate(fd, 0) == 0) {
        errno = posix_fallocate(fd, 0, (off_t)size);
        complete = errno == 0 && pwrite(fd, header, sizeof *header, 0) == (ssize_t)sizeof *header &&
                   (!from || shm_copy_mapped(fd, from, size)) && fdatasync(fd) == 0 &&
                   shm_mark_written(fd);
    }
    if (complete) {
        if (fault.text && old >= 0)
            shm_set_aside(path, fault);
        if (rename(draft, path) == 0 && folder_sync_parent(path))
            return fd;
    }
    int saved = errno;
    if (mine)
        unlink(draft);
    close(fd);
    errno = saved;
    return -1;
}

static const char *shm_error_reason(int error)
{
    if (error == EWOULDBLOCK)
        return "is in use by another process";
    return error == ELOOP ? "is a symbolic link" : strerror(error);
}

static bool shm_set_path(struct shm *shm, const struct shm_spec *spec)
{
    *shm = (struct shm){.fd = -1};
    errno = ENAMETOOLONG;
    return snprintf(shm->path, sizeof shm->path, "%s", spec->path) < (int)sizeof shm->path;
}

enum shm_opened shm_open_writer(struct shm *shm, const struct shm_spec *spec, bool replace,
                                char *why, size_t why_size)
{
    enum shm_opened opened = SHM_EXISTING;
    REQUIRE(spec->size >= sizeof(struct shm_header) && strlen(spec->magic) >= SHM_MAGIC_SIZE - 1);
    struct shm_fault fault = {0};
    int old = -1;
    if (shm_set_path(shm, spec))
        shm->fd = shm_open_existing(spec->path, O_RDWR);
    if (shm->fd < 0 && errno != ENOENT) {
        fault.text = shm_error_reason(errno);
        goto done;
    }
    if (shm->fd >= 0) {
        bool ours = shm_lock_file(shm->fd) && shm_is_at_path(shm->fd, spec->path);
        if (ours)
            fault = shm_header_fault(shm->fd, spec, true);
        else
            fault.text = shm_error_reason(EWOULDBLOCK);
        if (fault.text && !(ours && replace && !fault.is_unreadable))
            goto done;
    }
    if (shm->fd < 0 || fault.text) {
        old = shm->fd; /* locked until the new file replaces it */
        struct shm_header header = {.layout = spec->layout, .size = spec->size};
        memcpy(header.magic, spec->magic, SHM_MAGIC_SIZE);
        shm->fd = shm_make_identity(&header)
                      ? shm_create_file(spec->path, &header, spec->size, old, NULL, fault)
                      : -1;
        opened = SHM_CREATED;
    }
    fault.text = NULL;
    if (shm->fd < 0 || !shm_mark_written(shm->fd) ||
        !shm_map_first(shm, spec, PROT_READ | PROT_WRITE))
        fault.text = shm_error_reason(errno);
done:
    if (old >= 0)
        close(old);
    if (!fault.text)
        return opened;
    if (fault.layout != 0)
        snprintf(
            why, why_size,
            "%s: has another layout, %llu, and this program supports only %llu: %s version has "
            "written it",
            spec->path, (unsigned long long)fault.layout, (unsigned long long)spec->layout,
            fault.layout > spec->layout ? "a newer" : "an older");
    else
        snprintf(why, why_size, "%s: %s", spec->path, fault.text);
    shm_close(shm);
    return SHM_FAILED;
}

bool shm_open_reader(struct shm *shm, const struct shm_spec *spec, char *why, size_t why_size)
{
    if (shm_set_path(shm, spec))
        shm->fd = shm_open_existing(spec->path, O_RDONLY);
    if (shm->fd < 0) {
        snprintf(why, why_size, "%s: %s", spec->path, shm_error_reason(errno));
        return false;
    }
    struct shm_fault fault = shm_header_fault(shm->fd, spec, false);
    if (fault.text)
        snprintf(why, why_size, "%s: %s", spec->path, fault.text);
    else if (shm_map_first(shm, spec, PROT_READ))
        return true;
    else
        snprintf(why, why_size, "%s: %s", spec->path, strerror(errno));
    shm_close(shm);
    return false;
}

void shm_close(struct shm *shm)
{
    if (!shm)
        return;
    shm_guard_drop(shm->guard);
    if (shm->base)
        munmap(shm->base, shm->mapped);
    if (shm->base || shm->fd > 0)
        close(shm->fd);
    shm->fd = -1;
    shm->base = NULL;
    shm->guard = NULL;
    shm->mapped = shm->size = 0;
}

/* Replaces the file at the path, which is `old` (-1: no file), with a new one and maps it. */
static bool shm_renew_file(struct shm *shm, int old, const struct shm *from, struct shm_fault fault)
{
    int fd = shm_create_file(shm->path, &shm->header, shm->size, old, from, fault),
        before = shm->fd;
    if (fd < 0)
        return false;
    shm->fd = fd;
    shm_guard_renew(shm->guard, fd);
    bool mapped = shm_map_file(shm, PROT_READ | PROT_WRITE);
    if (!mapped)
        shm_guard_mark_lost(shm->guard);
    close(before);
    return mapped;
}

bool shm_begin_again(struct shm *shm, const char *fault)
{
    REQUIRE(shm->base && fault);
    if (shm_make_identity(&shm->header)) {
        shm->size = (size_t)shm->header.size;
        if (shm_renew_file(shm, shm->fd, NULL, (struct shm_fault){.text = fault}))
            return true;
    }
    log_error("%s: %s, and cannot be replaced: %s", shm->path, fault, shm_error_reason(errno));
    return false;
}

enum shm_repair_result shm_repair_file(struct shm *shm)
{
    struct shm_fault fault = {0};
    struct stat st;
    REQUIRE(shm->base && shm->fd >= 0);
    bool ours = shm_is_at_path(shm->fd, shm->path);
    if (shm_is_lost(shm))
        fault.text = "was cut short, or cannot be read";
    else if (fstat(shm->fd, &st) != 0 || (size_t)st.st_size < shm->size)
        fault.text = "was cut short";
    else if ((size_t)st.st_size > shm->mapped)
        fault.text = "is longer than its maximum";
    else if (memcmp(shm->base, &shm->header, sizeof shm->header) != 0)
        fault.text = "was overwritten";
    else if (!ours)
        fault.text = "was removed";
    if (!fault.text) {
        shm->failing = false;
        return SHM_SOUND;
    }

    int there = shm_open_existing(shm->path, O_RDWR);
    errno = EWOULDBLOCK;
    bool renewed = (ours || there < 0 || shm_lock_file(there)) &&
                   shm_renew_file(shm, ours ? shm->fd : there, shm, fault);
    if (!renewed && !shm->failing)
        log_error("%s: %s, and cannot be replaced: %s; retrying", shm->path, fault.text,
                  shm_error_reason(errno));
    else if (renewed && there < 0)
        log_warning("%s: %s; created again", shm->path, fault.text);
    if (there >= 0)
        close(there);
    shm->failing = !renewed;
    return renewed ? SHM_RENEWED : SHM_LOST;
}

bool shm_is_lost(const struct shm *shm)
{
    return shm_guard_is_lost(shm->guard);
}

void shm_end_process_when_lost(struct shm *shm)
{
    shm_guard_end_process(shm->guard, shm->path);
}

bool shm_was_replaced(const struct shm *shm, const char *path)
{
    struct stat st;
    return stat(path, &st) != 0 || st.st_ino != shm->inode || st.st_dev != shm->device ||
           shm_is_lost(shm);
}

size_t shm_file_size(const struct shm *shm)
{
    struct stat st;
    return fstat(shm->fd, &st) == 0 ? (size_t)st.st_size : 0;
}

bool shm_sync(const struct shm *shm)
{
    return fdatasync(shm->fd) == 0 && folder_sync_parent(shm->path);
}

void shm_set_layout(struct shm *shm, uint64_t layout)
{
    REQUIRE(shm->base);
    shm->base->layout = shm->header.layout = layout;
}

bool shm_grow(struct shm *shm, size_t size)
{
    REQUIRE(shm->base && shm->fd >= 0);
    if (size > shm->mapped) {
        errno = ENOMEM;
        return false;
    }
    if (shm_file_size(shm) < shm->size)
        shm_guard_mark_lost(shm->guard); /* it would look intact again, but contain zeros */
    int rc = posix_fallocate(shm->fd, 0, (off_t)size);
    errno = rc;
    if (rc == 0 && size > shm->size)
        shm->size = size;
    return rc == 0;
}
