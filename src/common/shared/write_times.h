/* When SCADA wrote each register last: a mapped table that modbusd writes and mqttd reads. It is
 * for writes whose entries the journal has lost.
 *
 * A register's time has a slot, which registers of other units may share: then the slot has the
 * newest of their times. So a time is never older than SCADA's last write, and mostly is its time.
 * Holding registers of one unit share no slots among themselves, nor do coils; nor do the first 132
 * of all units. */
#ifndef TAGFERRY_COMMON_SHARED_WRITE_TIMES_H
#define TAGFERRY_COMMON_SHARED_WRITE_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shared/journal.h"
#include "common/shared/shm.h"

struct write_times {
    struct shm shm;
};

/* Opens the table for its one writer, or creates it. False with the reason in `why`. */
bool write_times_open_writer(struct write_times *write_times, const char *runtime_dir, char *why,
                             size_t why_size);
/* Notes the time of the entry. Call it before the entry is appended to the journal. */
void write_times_note_entry(struct write_times *write_times, const struct journal_entry *entry);
/* Call it once a second: repairs the file if it was cut short or removed. */
void write_times_repair_file(struct write_times *write_times);
/* Opens the table for a reader, in any process. False with the reason in `why`. */
bool write_times_open_reader(struct write_times *write_times, const char *runtime_dir, char *why,
                             size_t why_size);
/* Accepts NULL and a closed table. */
void write_times_close(struct write_times *write_times);

/* The time of SCADA's last write to any of these registers, clock_steady_ms, or a later one; 0:
 * SCADA has not written any since the table was created. */
uint64_t write_times_newest(const struct write_times *write_times, uint8_t unit,
                            enum journal_table table, uint16_t address, uint16_t count);

#endif
