/* The register image: a mapped file with the four tables of every unit.
 *
 * A header page has the list of units and one redo record; the tables of each unit follow. A unit
 * that is removed from the configuration keeps its place and values. All bytes are allocated in
 * advance, because a store into a hole on a full disk causes SIGBUS.
 *
 * In layout 1 the redo record has no check; image_open takes such a file over. */
#ifndef TAGFERRY_MODBUSD_REGISTERS_IMAGE_H
#define TAGFERRY_MODBUSD_REGISTERS_IMAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/unit_set.h"
#include "common/modbus/pdu.h"
#include "common/shared/shm.h"

/* The four tables of one unit, TABLE_SIZE each; a bit is a byte of 0 or 1. */
struct image_unit {
    uint16_t holding_registers[TABLE_SIZE];
    uint16_t input_registers[TABLE_SIZE];
    uint8_t coils[TABLE_SIZE];
    uint8_t discrete_inputs[TABLE_SIZE];
};

/* The write in progress. If the process is killed during it, the next process repeats it; that is
 * harmless. After a power cut, the record on the disk may have parts of several writes: then the
 * check is wrong. */
struct image_redo {
    _Atomic uint64_t check; /* image_redo_check during the write, else 0 */
    uint64_t journal;       /* identity of the journal for the write; 0: none */
    uint64_t sequence;      /* its sequence number in the journal */
    uint8_t side;           /* enum side */
    uint8_t reserved;
    uint16_t length; /* of the frame */
    uint8_t frame[ADU_MAX];
};

enum {
    IMAGE_PAGE = 4096,
    IMAGE_PAGES_MAX = 1 + UNIT_MAX * (int)(sizeof(struct image_unit) / IMAGE_PAGE),
    IMAGE_PAGE_WORDS = (IMAGE_PAGES_MAX + 63) / 64,
};

struct image {
    struct shm shm;
    size_t unit_count;
    struct image_unit *unit[UNIT_MAX]; /* in the order of the unit set */
    struct image_redo *redo;
    _Atomic bool dirty;                         /* changed since the last sync began */
    _Atomic uint64_t written[IMAGE_PAGE_WORDS]; /* a bit for each page, likewise */
    uint64_t written_before[IMAGE_PAGE_WORDS];  /* the same of the sync before; for image_sync */
};

/* Opens the image for its one owner, or creates one with all registers 0; adds missing units. Does
 * not change an image that is damaged or has another layout: false, with the reason and the remedy
 * in `why`. The first image_sync writes what an earlier owner may not have synced. */
bool image_open(struct image *image, const char *path, const struct unit_set *units, char *why,
                size_t why_size);
/* Accepts NULL and a closed image. */
void image_close(struct image *image);

/* Returns the check of the other members, which is never 0. Their length must be valid. */
uint64_t image_redo_check(const struct image_redo *redo);

/* False if the file was cut short while in use. An access past its end ends the process, because
 * zeros must not be shown as register contents. */
bool image_is_whole(const struct image *image);

/* Marks the image as changed, for the next image_sync. */
static inline void image_mark_dirty(struct image *image)
{
    atomic_store(&image->dirty, true);
}

/* The same after a write of `size` bytes, at least 1, in the tables of a unit. */
void image_mark_written(struct image *image, const void *at, size_t size);

enum image_sync { IMAGE_CLEAN, IMAGE_SYNCED, IMAGE_SYNC_FAILED };

/* Writes changes to disk and waits for completion; one thread at a time. IMAGE_SYNC_FAILED sets
 * errno; the next call then writes the whole image.
 *
 * A sync makes its pages read-only until the next store to each, which then waits for the file
 * system. With `keeps_writable`, this thread makes the stores that wait, for the pages that were
 * written before this sync and before the last one: so the next writes to the same registers do not
 * wait. The price: where no write follows, such a page is written to the disk once more. */
enum image_sync image_sync(struct image *image, bool keeps_writable);

#endif
