/* A file of another size is renamed to PATH.old, copied to a new one and removed. If the new one
 * cannot be made, or the process dies meanwhile, the old one gets its name back. */
#include "api/history/history_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/base/require.h"

static const char magic[] = "TFhistry";

enum { HISTORY_LAYOUT = 1 };

static struct shm_spec history_file_spec(const char *path, size_t size)
{
    return (struct shm_spec){
        .path = path, .magic = magic, .layout = HISTORY_LAYOUT, .size = size, .map = size};
}

/* Reads the header of a history. False if there is no such file. */
static bool history_file_read_header(const char *path, struct shm_header *header, struct stat *st)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool found = fstat(fd, st) == 0 && S_ISREG(st->st_mode) &&
                 pread(fd, header, sizeof *header, 0) == (ssize_t)sizeof *header &&
                 memcmp(header->magic, magic, SHM_MAGIC_SIZE) == 0;
    close(fd);
    return found;
}

/* Returns the size of an intact file that has another size than `size`; else 0. */
static size_t history_file_other_size(const char *path, size_t size)
{
    struct shm_header header;
    struct stat st;
    if (history_file_read_header(path, &header, &st) && header.layout == HISTORY_LAYOUT &&
        header.size == (uint64_t)st.st_size && header.size != size &&
        header.size >= HISTORY_HEAD_SIZE + HISTORY_ENTRY_SIZE &&
        header.size / HISTORY_ENTRY_SIZE < UINT32_MAX)
        return (size_t)header.size;
    return 0;
}

/* False, with the reason in `why`, for the file of a newer tagferry-api, which must not be changed.
 */
static bool history_file_check_layout(const char *path, char *why, size_t why_size)
{
    struct shm_header header;
    struct stat st;
    if (!history_file_read_header(path, &header, &st) || header.layout <= HISTORY_LAYOUT)
        return true;
    snprintf(why, why_size,
             "%s: has another layout, %" PRIu64
             ", and this program supports only %d: a newer version "
             "has written it. Nothing was changed. Install that version again, or move the file "
             "away to begin with an empty history",
             path, header.layout, HISTORY_LAYOUT);
    return false;
}

/* Opens a file of exactly this size. */
static bool history_file_open_size(struct history_file *file, const char *path, size_t size,
                                   char *why, size_t why_size)
{
    struct shm_spec spec = history_file_spec(path, size);
    if (shm_open_writer(&file->shm, &spec, true, why, why_size) == SHM_FAILED)
        return false;
    enum history_state state =
        history_ring_init(&file->ring, file->shm.base, size, clock_wall_ms());
    if (state == HISTORY_DAMAGED && shm_begin_again(&file->shm, "its entries are damaged"))
        state = history_ring_init(&file->ring, file->shm.base, size, clock_wall_ms());
    file->open = state == HISTORY_EMPTY || state == HISTORY_KEPT;
    if (file->open)
        return true;
    snprintf(why, why_size, "%s: %s", path,
             state == HISTORY_NO_MEMORY ? "no memory for its index" : "its entries are damaged");
    shm_close(&file->shm);
    return false;
}

static bool history_file_copy_entries(const struct history_ring *from, struct history_ring *to)
{
    uint64_t at = history_ring_oldest(from);
    if (from->next - at > to->capacity)
        at = from->next - to->capacity;
    for (; at < from->next; at++) {
        struct history_entry entry;
        uint64_t id;
        if (!history_ring_read_entry(from, at, &entry, &id))
            continue;
        struct history_tag *tag = history_ring_add_tag(to, id);
        if (!tag)
            return false;
        history_ring_append(to, tag, &entry);
    }
    /* A ring that is not full says that it holds all since `began_ms`. */
    if (from->next <= from->capacity && from->next <= to->capacity)
        to->began_ms = from->began_ms;
    else
        to->began_ms = history_ring_first_ms(to);
    history_ring_restore_head(to);
    return true;
}

/* Gives an old file, which an earlier process did not copy to the end, its name back. */
static void history_file_recover_old(const char *path, const char *aside)
{
    struct shm_header header;
    struct stat st;
    if (history_file_read_header(aside, &header, &st) && header.layout != HISTORY_LAYOUT)
        return; /* set aside because another version wrote it */
    int fd = open(aside, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        log_debug("%s: another process copies it now", aside);
    else if (rename(aside, path) == 0)
        log_warning("%s: its copy to another size was interrupted and begins again", path);
    else
        log_warning("%s: cannot get its name back: %s", aside, strerror(errno));
    close(fd);
}

/* Makes a new file with the newest entries of the one of another size. */
static bool history_file_resize(struct history_file *file, const char *path, const char *aside,
                                size_t old_size, size_t size, char *why, size_t why_size)
{
    struct history_file old = {0};
    if (!history_file_open_size(&old, path, old_size, why, why_size))
        return false;
    bool ok = rename(path, aside) == 0;
    if (!ok)
        snprintf(why, why_size, "%s: %s", path, strerror(errno));
    if (ok && !history_file_open_size(file, path, size, why, why_size)) {
        if (rename(aside, path) != 0)
            log_warning("%s: cannot get its name back: %s", aside, strerror(errno));
        ok = false;
    }
    if (ok) {
        bool whole = history_file_copy_entries(&old.ring, &file->ring);
        /* Otherwise a power cut within the next half minute would lose both copies. */
        if (!shm_sync(&file->shm))
            log_warning("%s: cannot be written to disk: %s", path, strerror(errno));
        unlink(aside);
        log_info("%s: history_mb was changed from %zu to %zu: %s", path, old_size >> 20, size >> 20,
                 whole ? "the newest entries that fit are kept"
                       : "for lack of memory, not all of the newest entries are kept");
    }
    history_file_close(&old);
    return ok;
}

bool history_file_open(struct history_file *file, const char *path, size_t size, char *why,
                       size_t why_size)
{
    char aside[PATH_MAX];
    REQUIRE(!file->open && size >= HISTORY_HEAD_SIZE + HISTORY_ENTRY_SIZE);
    if (snprintf(aside, sizeof aside, "%s.old", path) >= (int)sizeof aside) {
        snprintf(why, why_size, "%s: %s", path, strerror(ENAMETOOLONG));
        return false;
    }
    history_file_recover_old(path, aside);
    if (!history_file_check_layout(path, why, why_size))
        return false;
    size_t old_size = history_file_other_size(path, size);
    if (old_size != 0 ? !history_file_resize(file, path, aside, old_size, size, why, why_size)
                      : !history_file_open_size(file, path, size, why, why_size))
        return false;
    const struct history_ring *ring = &file->ring;
    if (ring->lost > 0)
        log_warning("%s: %" PRIu64 " entr%s cannot be read and %s left out", path, ring->lost,
                    ring->lost == 1 ? "y" : "ies", ring->lost == 1 ? "is" : "are");
    log_info("%s: the history holds %" PRIu64 " of %" PRIu64 " entries", path,
             ring->next - history_ring_oldest(ring), ring->capacity);
    return true;
}

void history_file_repair(struct history_file *file)
{
    if (file->open && shm_repair_file(&file->shm) == SHM_RENEWED)
        history_ring_restore_head(&file->ring);
}

void history_file_close(struct history_file *file)
{
    if (!file->open)
        return;
    history_ring_finish(&file->ring);
    shm_close(&file->shm);
    file->open = false;
}
