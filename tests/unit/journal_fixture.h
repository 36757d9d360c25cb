/* A journal in a temporary folder, and entries that show whether they are complete. */
#ifndef TAGFERRY_TESTS_JOURNAL_FIXTURE_H
#define TAGFERRY_TESTS_JOURNAL_FIXTURE_H

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/shared/journal.h"

struct place {
    char folder[40];
    char path[64];
};

static inline int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->folder, "/tmp/test_journal.XXXXXX");
    *state = place;
    if (!mkdtemp(place->folder))
        return -1;
    snprintf(place->path, sizeof place->path, "%s/journal", place->folder);
    return 0;
}

static inline int remove_place(void **state)
{
    struct place *place = *state;
    unlink(place->path);
    rmdir(place->folder);
    free(place);
    return 0;
}

static inline void open_writer(struct journal *journal, const struct place *place)
{
    char why[SHM_WHY_SIZE];
    if (!journal_open_writer(journal, place->path, why, sizeof why))
        fail_msg("%s", why);
}

static inline void open_reader(struct journal *journal, const struct place *place)
{
    char why[SHM_WHY_SIZE];
    if (!journal_open_reader(journal, place->path, why, sizeof why))
        fail_msg("%s", why);
}

/* An entry whose words are all derived from one number, so that a torn entry is detected. */
static inline struct journal_entry entry_of(uint64_t number)
{
    struct journal_entry entry = {.steady_ms = number * 3,
                                  .unit = 7,
                                  .table = JOURNAL_HOLDING_REGISTER,
                                  .address = (uint16_t)(number % 60000),
                                  .count = JOURNAL_VALUES_MAX};
    for (size_t i = 0; i < JOURNAL_VALUES_MAX; i++) {
        entry.values[i] = (uint16_t)(number * 31 + i);
        entry.masks[i] = (uint16_t)(number * 17 - i);
    }
    return entry;
}

static inline bool entry_is(const struct journal_entry *entry, uint64_t number)
{
    struct journal_entry expected = entry_of(number);
    return entry->steady_ms == expected.steady_ms && entry->unit == expected.unit &&
           entry->table == expected.table && entry->address == expected.address &&
           entry->count == expected.count &&
           memcmp(entry->values, expected.values, sizeof entry->values) == 0 &&
           memcmp(entry->masks, expected.masks, sizeof entry->masks) == 0;
}

static inline void append(struct journal *journal, uint64_t first, uint64_t last)
{
    for (uint64_t number = first; number <= last; number++) {
        struct journal_entry entry = entry_of(number);
        journal_append_entry(journal, &entry);
    }
}

#endif
