/* Opens, checks and grows the image file, and writes it to its disk. */
#include "modbusd/image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[] = "TFimage\0";

enum { IMAGE_LAYOUT = 1, HEADER_SIZE = 4096 };

static const char what_to_do[] =
    "If the file is damaged or another version's, put back a copy of it, or move it away to "
    "begin with registers of zero";

/* The image_header page. A unit is added by one store of its id, after its bytes are there. */
struct image_header {
    struct shm_header shm;
    uint8_t ids[UNIT_MAX + 1]; /* of the units, in the order of their places; then zeros */
    struct image_redo redo;
    _Atomic uint64_t unwritten; /* 1 while the newest sync has failed */
    _Atomic uint64_t solid;     /* 1 once every page has been written to the disk */
};

_Static_assert(sizeof(struct image_header) <= HEADER_SIZE, "one page");
_Static_assert(sizeof(struct image_unit) % HEADER_SIZE == 0, "whole pages");

static struct image_header *image_header_of(const struct image *image)
{
    return (struct image_header *)image->shm.base;
}

static size_t image_size_with(size_t places)
{
    return HEADER_SIZE + places * sizeof(struct image_unit);
}

static struct image_unit *image_unit_at(const struct image *image, size_t at)
{
    return (struct image_unit *)((char *)image->shm.base + image_size_with(at));
}

static size_t image_place_count(const struct image_header *image_header)
{
    size_t count = 0;
    while (count < UNIT_MAX && image_header->ids[count] != 0)
        count++;
    return count;
}

/* What is wrong with the unit table, the redo record or the length of the file, or NULL. */
static const char *image_find_damage(const struct image *image)
{
    const struct image_header *image_header = image_header_of(image);
    size_t count = image_place_count(image_header);
    bool seen[256] = {false};
    struct stat st;
    for (size_t i = 0; i < sizeof image_header->ids; i++) {
        uint8_t id = image_header->ids[i];
        if (i < count ? id > UNIT_MAX || seen[id] : id != 0)
            return "its table of units is damaged";
        seen[id] = true;
    }
    if (image_header->redo.armed > 1 || image_header->redo.length > ADU_MAX)
        return "its redo record is damaged";
    if (fstat(image->shm.fd, &st) != 0 || (uint64_t)st.st_size < image_size_with(count))
        return "is cut short";
    return NULL;
}

/* A store makes a page dirty, one that changes nothing included: adding 0 cannot undo what another
 * thread stores at that moment, whichever of them is first. ThreadSanitizer does not know that
 * plain stores may meet it. The pages do not stay mapped, for they would count as memory of ours.
 */
__attribute__((no_sanitize("thread"))) static void image_dirty_pages(struct image *image,
                                                                     size_t from, size_t to)
{
    char *base = (char *)image->shm.base;
    for (size_t at = from; at < to; at += HEADER_SIZE)
        __atomic_fetch_add((volatile uint64_t *)(base + at), 0, __ATOMIC_SEQ_CST);
    madvise(base + from, to - from, MADV_DONTNEED);
}

static void image_dirty_all(struct image *image)
{
    image_dirty_pages(image, 0, image_size_with(image_place_count(image_header_of(image))));
    image_mark_dirty(image);
}

/* A power cut must not find units in the table that the file has no bytes for. Each new page is
 * also written once: ext4 takes a page of blocks that are allocated and were never written for
 * written when its first write has failed and a later one succeeds, and shows zeros after the next
 * mount. */
static bool image_add_places(struct image *image, const struct unit_set *units)
{
    struct image_header *image_header = image_header_of(image);
    size_t count = image_place_count(image_header);
    bool present[256] = {false};
    for (size_t i = 0; i < count; i++)
        present[image_header->ids[i]] = true;
    size_t missing = 0;
    for (size_t i = 0; i < units->count; i++)
        missing += !present[units->id[i]];
    if (!shm_grow(&image->shm, image_size_with(count + missing)))
        return false;
    image_dirty_pages(image, image_size_with(count), image_size_with(count + missing));
    if (missing > 0 && fdatasync(image->shm.fd) != 0)
        return false;
    if (count == 0)
        image_header->solid = 1;
    for (size_t i = 0; i < units->count; i++) {
        if (!present[units->id[i]])
            image_header->ids[count++] = units->id[i];
    }
    return true;
}

static void image_find_places(struct image *image, const struct unit_set *units)
{
    const struct image_header *image_header = image_header_of(image);
    image->unit_count = units->count;
    for (size_t i = 0; i < units->count; i++) {
        const uint8_t *id = memchr(image_header->ids, units->id[i], sizeof image_header->ids);
        image->unit[i] = image_unit_at(image, (size_t)(id - image_header->ids));
    }
    image->redo = &image_header_of(image)->redo;
}

/* Pages that the last owner could not write may be clean in the cache, and not on the disk. */
static void image_take_unwritten(struct image *image)
{
    const struct image_header *image_header = image_header_of(image);
    if (image_header->unwritten != 0 || image_header->solid == 0)
        image_dirty_all(image);
}

bool image_open(struct image *image, const char *path, const struct unit_set *units, char *why,
                size_t why_size)
{
    struct shm_spec spec = {.path = path,
                            .magic = magic,
                            .layout = IMAGE_LAYOUT,
                            .size = HEADER_SIZE,
                            .map = image_size_with(UNIT_MAX)};
    char reason[SHM_WHY_SIZE];
    *image = (struct image){.shm = {.fd = -1}};
    if (shm_open_writer(&image->shm, &spec, false, reason, sizeof reason) == SHM_FAILED) {
        snprintf(why, why_size, "image %s. Nothing was changed. %s", reason, what_to_do);
        return false;
    }
    const char *damage = image_find_damage(image);
    if (damage) {
        snprintf(why, why_size, "image %s: %s. Nothing was changed. %s", path, damage, what_to_do);
    } else if (!image_add_places(image, units)) {
        snprintf(why, why_size, "image %s: cannot have %zu bytes: %s", path,
                 image_size_with(units->count), strerror(errno));
    } else {
        shm_end_process_when_lost(&image->shm);
        image_find_places(image, units);
        image_take_unwritten(image);
        return true;
    }
    image_close(image);
    return false;
}

bool image_is_whole(const struct image *image)
{
    return shm_file_size(&image->shm) >= image->shm.size;
}

void image_close(struct image *image)
{
    if (!image)
        return;
    shm_close(&image->shm);
    image->unit_count = 0;
    image->redo = NULL;
}

enum image_sync image_sync(struct image *image)
{
    if (!atomic_exchange_explicit(&image->dirty, false, memory_order_acquire))
        return IMAGE_CLEAN;
    struct image_header *image_header = image_header_of(image);
    if (msync(image->shm.base, image_size_with(image_place_count(image_header)), MS_SYNC) == 0) {
        if (image_header->unwritten != 0 || image_header->solid == 0) {
            image_header->unwritten = 0;
            image_header->solid = 1;
        }
        return IMAGE_SYNCED;
    }
    /* The kernel now takes the pages for clean: the next sync would succeed without writing them.
     */
    int saved = errno;
    image_header->unwritten = 1;
    image_dirty_all(image);
    errno = saved;
    return IMAGE_SYNC_FAILED;
}
