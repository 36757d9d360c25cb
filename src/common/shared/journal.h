/* The journal of SCADA's writes: a mapped ring that modbusd appends to and mqttd follows.
 *
 * Every write that modbusd accepts on the SCADA side becomes one entry, in order. Sequence numbers
 * count from 1 and never repeat within one identity. Readers map the file read-only and keep their
 * own position, so that they may come, go and lag; one that lags a whole ring gets JOURNAL_OVERRUN.
 */
#ifndef TAGFERRY_COMMON_SHARED_JOURNAL_H
#define TAGFERRY_COMMON_SHARED_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/modbus/pdu.h"
#include "common/shared/shm.h"

enum { JOURNAL_VALUES_MAX = MODBUS_WRITE_REGISTERS_MAX, JOURNAL_ENTRIES = 8192 };

enum journal_table { JOURNAL_COIL, JOURNAL_HOLDING_REGISTER };

struct journal_entry {
    uint64_t sequence;
    uint64_t steady_ms;                  /* when modbusd took the write, clock_steady_ms */
    uint8_t unit;                        /* the unit id that holds the registers, 1 to 247 */
    uint8_t table;                       /* enum journal_table */
    uint16_t address;                    /* the first one, 0-based */
    uint16_t count;                      /* of registers or coils: 1 to what one request writes */
    uint16_t values[JOURNAL_VALUES_MAX]; /* registers, or coils 16 a word, the first in bit 0 */
    /* The bits of each register that the write means: of a mask write those outside its and-mask,
     * of any other those that it changed, or all if it changed none. Unused for coils. */
    uint16_t masks[JOURNAL_VALUES_MAX];
};

struct journal {
    struct shm shm;
    uint64_t next; /* of the writer: the next sequence number; 0 for a reader */
};

/* The one writer. Continues an existing journal, or creates one with a new identity. A journal of
 * another layout, or one that is damaged, is replaced, and the log says so. */
bool journal_open_writer(struct journal *journal, const char *path, char *why, size_t why_size);
/* Appends, giving the next sequence number. Readers that look see the entry at once. The entry's
 * unit, table, address and count must be as the struct says. */
void journal_append_entry(struct journal *journal, const struct journal_entry *entry);
/* To be called once a second: makes the journal whole again when its file was cut short or removed.
 * Entries that were lost are an overrun for those who have not read them. */
void journal_repair_file(struct journal *journal);
/* Wakes the readers that wait. Call it once after several entries: it costs a system call. */
void journal_wake_readers(struct journal *journal);

/* A reader, in any process. */
bool journal_open_reader(struct journal *journal, const char *path, char *why, size_t why_size);
void journal_close(struct journal *journal);

uint64_t journal_identity(const struct journal *journal);
/* The sequence number that the next entry will get: a position to begin at the end. */
uint64_t journal_next_sequence(const struct journal *journal);

enum journal_result { JOURNAL_ENTRY, JOURNAL_EMPTY, JOURNAL_OVERRUN, JOURNAL_DAMAGED };

/* Reads the entry with sequence number `position`. EMPTY: not written yet. OVERRUN: overwritten
 * already; *position is then moved to the oldest entry that can still be read. DAMAGED: the
 * file does not hold an entry there; *position is then moved behind it. An entry that is returned
 * is within the bounds that the struct states. */
enum journal_result journal_read_entry(const struct journal *journal, uint64_t *position,
                                       struct journal_entry *entry);
/* Waits until an entry at `position` exists, or for the time given, or until a signal. */
void journal_wait_entry(const struct journal *journal, uint64_t position, int timeout_ms);

#endif
