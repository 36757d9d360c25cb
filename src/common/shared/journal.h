/* The journal of SCADA's writes: a mapped ring that modbusd writes and mqttd reads.
 *
 * Each write that modbusd accepts from SCADA becomes one entry, in order. Sequence numbers count
 * from 1 and never repeat within one identity. Readers map the file read-only and keep their own
 * position. A reader that is a whole ring behind gets JOURNAL_OVERRUN. One thread per struct
 * journal. */
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
    uint64_t steady_ms;                  /* when modbusd accepted the write, clock_steady_ms */
    uint8_t unit;                        /* the unit id of the registers, 1 to 247 */
    uint8_t table;                       /* enum journal_table */
    uint16_t address;                    /* the first one, 0-based */
    uint16_t count;                      /* registers or coils: 1 to the limit of one request */
    uint16_t values[JOURNAL_VALUES_MAX]; /* registers, or coils 16 a word, the first in bit 0 */
    /* The bits of each register that the write was meant for: of a mask write, those not in its
     * and-mask; of any other, those that it changed, or all if it changed none. Unused for coils.
     */
    uint16_t masks[JOURNAL_VALUES_MAX];
};

struct journal {
    struct shm shm;
    uint64_t next; /* for the writer, the next sequence number; for a reader, 0 */
};

/* Opens the journal for its one writer: continues the existing one, or creates one with a new
 * identity. Replaces a journal that is damaged or has another layout, and logs that. False with the
 * reason in `why`. */
bool journal_open_writer(struct journal *journal, const char *path, char *why, size_t why_size);
/* Appends an entry with the next sequence number. Readers can read it at once, but are not woken.
 * The entry must be within the bounds in the struct; its own `sequence` is ignored. */
void journal_append_entry(struct journal *journal, const struct journal_entry *entry);
/* Call it once a second: repairs the file if it was cut short or removed. A reader gets an overrun
 * for lost entries. */
void journal_repair_file(struct journal *journal);
/* Wakes the waiting readers, with one system call: call it once after several entries. */
void journal_wake_readers(struct journal *journal);

/* Opens the journal for a reader, in any process. False with the reason in `why`. */
bool journal_open_reader(struct journal *journal, const char *path, char *why, size_t why_size);
/* Accepts NULL and a closed journal. */
void journal_close(struct journal *journal);

/* A random number that a new journal file gets; positions are valid within one identity. */
uint64_t journal_identity(const struct journal *journal);
/* The sequence number of the next entry: the position to begin from if older entries do not matter.
 */
uint64_t journal_next_sequence(const struct journal *journal);

enum journal_result { JOURNAL_ENTRY, JOURNAL_EMPTY, JOURNAL_OVERRUN, JOURNAL_DAMAGED };

/* Reads the entry with sequence number *position; the caller then adds 1. JOURNAL_EMPTY: not
 * written yet. JOURNAL_OVERRUN: already overwritten; moves *position to the oldest entry that can
 * still be read. JOURNAL_DAMAGED: there is no valid entry; moves *position past it. A returned
 * entry is within the bounds in the struct. */
enum journal_result journal_read_entry(const struct journal *journal, uint64_t *position,
                                       struct journal_entry *entry);
/* Waits until an entry at `position` exists, `timeout_ms` have passed, journal_end_waits is called
 * or a signal arrives. Does not notice that the file is replaced. */
void journal_wait_entry(const struct journal *journal, uint64_t position, int timeout_ms);
/* Ends the waits of all readers, unless the file was cut short. From any thread, also of a reader.
 * A wait that begins at this moment may go on: call it again later. */
void journal_end_waits(const struct journal *journal);

#endif
