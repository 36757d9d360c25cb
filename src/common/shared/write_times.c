/* Slots of atomic words. The units are spread over them, so that registers with low addresses,
 * which most plants use, share none. */
#include "common/shared/write_times.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>

#include "common/base/unit_set.h"

enum { TIMES_LAYOUT = 1, TIMES_SLOTS = 65536, TIMES_SPREAD = 132 };

struct stored_times {
    struct shm_header header;
    uint64_t spare[4];
    _Atomic uint64_t slots[TIMES_SLOTS]; /* 0: not written */
};

_Static_assert(TIMES_SLOTS > UINT16_MAX, "each register of a unit has its own slot");
_Static_assert(2 * (UNIT_MAX + 1) * TIMES_SPREAD <= TIMES_SLOTS, "two ranges for each unit");

static struct stored_times *times_of(const struct write_times *write_times)
{
    return (struct stored_times *)write_times->shm.base;
}

static struct shm_spec times_file_spec(const char *runtime_dir, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/write-times", runtime_dir);
    return (struct shm_spec){.path = path,
                             .magic = "TFwtimes",
                             .layout = TIMES_LAYOUT,
                             .size = sizeof(struct stored_times),
                             .map = sizeof(struct stored_times)};
}

static size_t times_slot_of(uint8_t unit, enum journal_table table, uint32_t address)
{
    uint32_t base = (unit * 2U + (table == JOURNAL_COIL)) * TIMES_SPREAD;
    return (base + address) % TIMES_SLOTS;
}

bool write_times_open_writer(struct write_times *write_times, const char *runtime_dir, char *why,
                             size_t why_size)
{
    char path[PATH_MAX];
    const struct shm_spec spec = times_file_spec(runtime_dir, path);
    return shm_open_writer(&write_times->shm, &spec, true, why, why_size) != SHM_FAILED;
}

void write_times_note_entry(struct write_times *write_times, const struct journal_entry *entry)
{
    struct stored_times *stored = times_of(write_times);
    for (uint32_t i = 0; i < entry->count; i++) {
        size_t slot =
            times_slot_of(entry->unit, (enum journal_table)entry->table, entry->address + i);
        atomic_store_explicit(&stored->slots[slot], entry->steady_ms, memory_order_relaxed);
    }
}

void write_times_repair_file(struct write_times *write_times)
{
    shm_repair_file(&write_times->shm);
}

bool write_times_open_reader(struct write_times *write_times, const char *runtime_dir, char *why,
                             size_t why_size)
{
    char path[PATH_MAX];
    const struct shm_spec spec = times_file_spec(runtime_dir, path);
    return shm_open_reader(&write_times->shm, &spec, why, why_size);
}

void write_times_close(struct write_times *write_times)
{
    if (write_times)
        shm_close(&write_times->shm);
}

uint64_t write_times_newest(const struct write_times *write_times, uint8_t unit,
                            enum journal_table table, uint16_t address, uint16_t count)
{
    const struct stored_times *stored = times_of(write_times);
    uint64_t newest = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t slot = times_slot_of(unit, table, (uint32_t)address + i);
        uint64_t at = atomic_load_explicit(&stored->slots[slot], memory_order_relaxed);
        newest = at > newest ? at : newest;
    }
    return newest;
}
