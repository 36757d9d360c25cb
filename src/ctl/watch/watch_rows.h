/* The tags that are watched, with their newest values, and the rows that are shown of them.
 *
 * Times are of a monotonic clock, in ms; the caller passes them. */
#ifndef TAGFERRY_CTL_WATCH_WATCH_ROWS_H
#define TAGFERRY_CTL_WATCH_WATCH_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/client/pages.h"

enum watch_quality { WATCH_GOOD, WATCH_STALE, WATCH_BAD, WATCH_NEVER, WATCH_QUALITY_COUNT };
extern const char *const watch_quality_names[WATCH_QUALITY_COUNT];

/* The order of the rows; also the names of --sort. */
enum watch_sort {
    WATCH_BY_NAME,
    WATCH_BY_QUALITY, /* the worst first */
    WATCH_BY_AGE,     /* the oldest first */
    WATCH_BY_CHANGE,  /* what has changed last first */
    WATCH_SORT_COUNT
};
extern const char *const watch_sort_names[WATCH_SORT_COUNT];

enum { WATCH_REASON_SIZE = 32, WATCH_ADDRESS_SIZE = 12 };

struct watch_row {
    char *name; /* DEVICE/TAG */
    char *unit;
    char *value; /* as JSON has it, a text without quotes; NULL: none has come */
    size_t value_room;
    char address[WATCH_ADDRESS_SIZE]; /* Modicon */
    char reason[WATCH_REASON_SIZE];
    enum watch_quality quality;
    double age_ms; /* at `arrived_ms`; negative: none */
    int64_t arrived_ms, changed_ms;
    double messages, rejects;
};

struct watch_rows {
    struct watch_row *rows; /* by name, as the server sorts them */
    size_t count;
    struct watch_row **shown; /* chosen and sorted */
    size_t shown_count;
    size_t counts[WATCH_QUALITY_COUNT]; /* of all rows */
    enum watch_sort sort;
    bool is_reversed, only_wrong;
    char search[64];     /* part of a name, in any case; empty: all */
    const char *devices; /* the names of those whose tags are taken, with commas; NULL: all */
    bool keeps_early;    /* values of tags that are not known are kept for the next list of tags */
    char *early;         /* such values: JSON, each with a comma behind it */
    size_t early_len, early_room;
    /* Called for each row whose value, quality or reason is another one; `json` is the value of the
     * API. NULL: not called. */
    void (*on_change)(void *context, const struct watch_row *row, const char *json, size_t len);
    void *context;
};

/* Replaces the rows by those of a list of tags, keeps the values of tags that it has already, and
 * takes those that came early. */
void watch_rows_take_tags(struct watch_rows *rows, const struct pages *tags, int64_t now_ms);
/* Takes the data of an event `values`. Values of other tags are ignored or, with keeps_early, kept.
 */
void watch_rows_take_values(struct watch_rows *rows, const char *json, size_t len, int64_t now_ms);
/* Chooses and sorts the rows that are shown. */
void watch_rows_choose(struct watch_rows *rows, int64_t now_ms);
/* The age of the value now; negative if there is none. */
double watch_row_age(const struct watch_row *row, int64_t now_ms);
void watch_rows_finish(struct watch_rows *rows);

#endif
