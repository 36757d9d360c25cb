/* Opens, checks and extends the image file, and writes it to disk. */
#include "modbusd/registers/image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/require.h"

static const char magic[] = "TFimage\0";

enum { IMAGE_LAYOUT = 2, LAYOUT_WITHOUT_CHECK = 1, HEADER_SIZE = IMAGE_PAGE };

static const char what_to_do[] =
    "If the file is damaged or from another version, restore a copy of it, or move it away to "
    "start with all registers 0";

/* The first page. A unit is added by one store of its id, after its bytes were added to the file.
 */
struct image_header {
    struct shm_header shm;
    uint8_t
        ids[UNIT_MAX + 1]; /* of the units, in the order of their places in the file; then zeros */
    struct image_redo redo;
    _Atomic uint64_t unwritten; /* 1 while the last sync failed */
    _Atomic uint64_t solid;     /* 1 when every page has been written to disk once */
};

_Static_assert(sizeof(struct image_header) <= HEADER_SIZE, "one page");
_Static_assert(sizeof(struct image_unit) == (size_t)6 * TABLE_SIZE, "a unit has no padding");
_Static_assert(offsetof(struct image_header, redo) == 280, "the format stays as it is");
_Static_assert(sizeof(struct image_redo) == 288, "the format stays as it is");
_Static_assert(offsetof(struct image_header, solid) == 576, "the format stays as it is");
_Static_assert(sizeof(struct image_unit) % HEADER_SIZE == 0, "whole pages");

static struct image_header *image_header_of(const struct image *image)
{
    return (struct image_header *)image->shm.base;
}

static size_t image_size_with(size_t places)
{
    return HEADER_SIZE + places * sizeof(struct image_unit);
}

static size_t image_place_count(const struct image_header *header)
{
    size_t count = 0;
    while (count < UNIT_MAX && header->ids[count] != 0)
        count++;
    return count;
}

uint64_t image_redo_check(const struct image_redo *redo)
{
    const char *at = (const char *)&redo->journal, *end = (const char *)redo->frame + redo->length;
    uint64_t check = 1, word;
    REQUIRE(redo->length <= ADU_MAX);
    for (; at < end; at += sizeof word) { /* by words: each write waits for it */
        word = 0;
        if (end - at >= (ptrdiff_t)sizeof word)
            memcpy(&word, at, sizeof word);
        else
            memcpy(&word, at, (size_t)(end - at));
        check = (check ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        check ^= check >> 29;
    }
    return check != 0 ? check : 1;
}

/* In layout 1, a record in use begins with 1; with its check, if the process that took the file
 * over was killed. */
static bool image_redo_is_damaged(const struct image_header *header)
{
    const struct image_redo *redo = &header->redo;
    if (header->shm.layout != LAYOUT_WITHOUT_CHECK || redo->check == 0)
        return false;
    return redo->length > ADU_MAX || (redo->check != 1 && redo->check != image_redo_check(redo));
}

/* Brings a file of layout 1 to this one. The process may be killed between the two stores. */
static void image_take_over(struct image *image)
{
    struct image_header *header = image_header_of(image);
    if (header->shm.layout == IMAGE_LAYOUT)
        return;
    if (header->redo.check != 0)
        atomic_store(&header->redo.check, image_redo_check(&header->redo));
    shm_set_layout(&image->shm, IMAGE_LAYOUT);
    image_mark_dirty(image);
    log_info("image %s: taken over from layout %d", image->shm.path, LAYOUT_WITHOUT_CHECK);
}

/* Checks the unit table, the redo record and the length of the file. Returns the fault, or NULL. */
static const char *image_find_damage(const struct image *image)
{
    const struct image_header *header = image_header_of(image);
    size_t count = image_place_count(header);
    bool seen[256] = {false};
    struct stat st;
    for (size_t i = 0; i < sizeof header->ids; i++) {
        uint8_t id = header->ids[i];
        if (i < count ? id > UNIT_MAX || seen[id] : id != 0)
            return "its table of units is damaged";
        seen[id] = true;
    }
    if (image_redo_is_damaged(header))
        return "its redo record is damaged";
    if (fstat(image->shm.fd, &st) != 0 || (uint64_t)st.st_size < image_size_with(count))
        return "is cut short";
    return NULL;
}

/* Makes a page dirty with a store that changes nothing: adding 0 atomically cannot undo a store of
 * another thread at that moment. ThreadSanitizer would report a race with plain stores. */
__attribute__((no_sanitize("thread"))) static void image_dirty_page(struct image *image, size_t at)
{
    char *base = (char *)image->shm.base;
    __atomic_fetch_add((volatile uint64_t *)(base + at), 0, __ATOMIC_SEQ_CST);
}

/* Makes pages dirty, and frees them, so that they do not count as memory of this process. */
static void image_dirty_pages(struct image *image, size_t from, size_t to)
{
    for (size_t at = from; at < to; at += IMAGE_PAGE)
        image_dirty_page(image, at);
    madvise((char *)image->shm.base + from, to - from, MADV_DONTNEED);
}

static void image_dirty_all(struct image *image)
{
    image_dirty_pages(image, 0, image_size_with(image_place_count(image_header_of(image))));
    image_mark_dirty(image);
}

/* Adds missing units to the file: first their bytes, so that after a power failure no unit in the
 * table is without bytes. Also writes each new page once: if the first write of an allocated block
 * fails and a later one succeeds, ext4 treats the block as written and reads zeros after the next
 * mount. */
static bool image_add_places(struct image *image, const struct unit_set *units)
{
    struct image_header *header = image_header_of(image);
    REQUIRE(units->count <= UNIT_MAX);
    size_t count = image_place_count(header);
    bool present[256] = {false};
    for (size_t i = 0; i < count; i++)
        present[header->ids[i]] = true;
    size_t missing = 0;
    for (size_t i = 0; i < units->count; i++)
        missing += !present[units->id[i]];
    if (!shm_grow(&image->shm, image_size_with(count + missing)))
        return false;
    image_dirty_pages(image, image_size_with(count), image_size_with(count + missing));
    if (missing > 0 && fdatasync(image->shm.fd) != 0)
        return false;
    if (count == 0)
        header->solid = 1;
    for (size_t i = 0; i < units->count; i++) {
        if (!present[units->id[i]])
            header->ids[count++] = units->id[i];
    }
    return true;
}

bool image_open(struct image *image, const char *path, const struct unit_set *units, char *why,
                size_t why_size)
{
    struct shm_spec spec = {.path = path,
                            .magic = magic,
                            .layout = IMAGE_LAYOUT,
                            .size = HEADER_SIZE,
                            .map = image_size_with(UNIT_MAX),
                            .oldest = LAYOUT_WITHOUT_CHECK};
    char reason[SHM_WHY_SIZE];
    *image = (struct image){.shm = {.fd = -1}};
    if (shm_open_writer(&image->shm, &spec, false, reason, sizeof reason) == SHM_FAILED) {
        snprintf(why, why_size, "image %s. Nothing was changed. %s", reason, what_to_do);
        return false;
    }
    struct image_header *header = image_header_of(image);
    const char *damage = image_find_damage(image);
    if (damage) {
        snprintf(why, why_size, "image %s: %s. Nothing was changed. %s", path, damage, what_to_do);
    } else if (!image_add_places(image, units)) {
        snprintf(why, why_size, "image %s: cannot grow to %zu bytes: %s", path,
                 image_size_with(units->count), strerror(errno));
    } else {
        image_take_over(image);
        shm_end_process_when_lost(&image->shm);
        image->unit_count = units->count;
        for (size_t i = 0; i < units->count; i++) {
            const uint8_t *id = memchr(header->ids, units->id[i], sizeof header->ids);
            size_t at = image_size_with((size_t)(id - header->ids));
            image->unit[i] = (struct image_unit *)((char *)image->shm.base + at);
        }
        image->redo = &header->redo;
        /* Pages that the last owner could not write may be clean in the cache, but old on disk. */
        if (header->unwritten != 0 || header->solid == 0)
            image_dirty_all(image);
        /* Others that it was killed before it could sync: a client that writes the same values
         * again changes nothing, but must not get an answer before they are on disk. */
        image_mark_dirty(image);
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

void image_mark_written(struct image *image, const void *at, size_t size)
{
    const size_t from = (size_t)((const char *)at - (const char *)image->shm.base);
    const size_t last = (from + size - 1) / IMAGE_PAGE;
    REQUIRE(size > 0 && last < IMAGE_PAGES_MAX);
    for (size_t page = from / IMAGE_PAGE; page <= last; page++)
        atomic_fetch_or(&image->written[page / 64], UINT64_C(1) << page % 64);
    image_mark_dirty(image);
}

/* Makes the header page, with the redo record, and the marked pages writable. */
static void image_make_writable(struct image *image, const uint64_t marks[IMAGE_PAGE_WORDS])
{
    image_dirty_page(image, 0);
    for (size_t i = 0; i < IMAGE_PAGE_WORDS; i++) {
        for (uint64_t left = marks[i]; left != 0; left &= left - 1)
            image_dirty_page(image, (i * 64 + (size_t)__builtin_ctzll(left)) * IMAGE_PAGE);
    }
}

enum image_sync image_sync(struct image *image, bool keeps_writable)
{
    uint64_t written_again[IMAGE_PAGE_WORDS];
    if (!atomic_exchange(&image->dirty, false))
        return IMAGE_CLEAN;
    for (size_t i = 0; i < IMAGE_PAGE_WORDS; i++) {
        const uint64_t written = atomic_exchange(&image->written[i], 0);
        written_again[i] = written & image->written_before[i];
        image->written_before[i] = written;
    }
    struct image_header *header = image_header_of(image);
    if (msync(image->shm.base, image_size_with(image_place_count(header)), MS_SYNC) == 0) {
        if (keeps_writable)
            image_make_writable(image, written_again);
        if (header->unwritten != 0 || header->solid == 0) {
            header->unwritten = 0;
            header->solid = 1;
        }
        return IMAGE_SYNCED;
    }
    /* The kernel has marked the pages as clean: the next sync would succeed without writing them.
     */
    int saved = errno;
    header->unwritten = 1;
    image_dirty_all(image);
    errno = saved;
    return IMAGE_SYNC_FAILED;
}
