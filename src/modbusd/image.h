/* The register image: a mapped file that holds the four tables of every unit.
 *
 * A header page names the units in it and holds one redo record; then come the units, each with
 * its tables one after the other. A unit that the configuration no longer names keeps its place
 * and its values. All bytes are allocated beforehand, for a hole on a full disk is a SIGBUS. */
#ifndef TAGFERRY_MODBUSD_IMAGE_H
#define TAGFERRY_MODBUSD_IMAGE_H

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

/* The write that is being made. Doing it again does no harm, so it is simply done again on start
 * when its predecessor was killed in the middle of it. */
struct image_redo {
    _Atomic uint64_t armed; /* 1 while the write is being made, else 0 */
    uint64_t journal;       /* identity of the journal that is to have it, 0 for none */
    uint64_t sequence;      /* the number that it is to have there */
    uint8_t side;           /* enum side */
    uint8_t reserved;
    uint16_t length; /* of the frame */
    uint8_t frame[ADU_MAX];
};

struct image {
    struct shm shm;
    size_t unit_count;
    struct image_unit *unit[UNIT_MAX]; /* in the order of the unit set */
    struct image_redo *redo;
    _Atomic bool dirty; /* changed since the last sync began */
};

/* Opens the image for its one owner, or makes one of zeros where there is none; adds the units
 * that it does not have yet. An image that is damaged or of another layout is left untouched:
 * false, and `why` says what is wrong and what to do. */
bool image_open(struct image *image, const char *path, const struct unit_set *units, char *why,
                size_t why_size);
void image_close(struct image *image);

/* False when the file was cut short while it was in use. An access behind its end terminates the
 * process, for zeros would be taken for registers. */
bool image_is_whole(const struct image *image);

/* Marks that something has changed. */
static inline void image_mark_dirty(struct image *image)
{
    atomic_store_explicit(&image->dirty, true, memory_order_release);
}

enum image_sync { IMAGE_CLEAN, IMAGE_SYNCED, IMAGE_SYNC_FAILED };

/* Writes what has changed to the disk and waits for it; from any one thread. Failed: errno, and the
 * next call writes all of the image. */
enum image_sync image_sync(struct image *image);

#endif
