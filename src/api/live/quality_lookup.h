/* Quality of tags and devices, from the store and the live table. */
#ifndef TAGFERRY_API_LIVE_QUALITY_LOOKUP_H
#define TAGFERRY_API_LIVE_QUALITY_LOOKUP_H

#include "api/base/text.h"
#include "api/live/live_view.h"
#include "api/model/record_location.h"
#include "api/store/store.h"
#include "common/base/settings.h"

/* Keeps the device of the newest tag, because lists are in order of device. Set the first three
 * members and zero the rest before use. */
struct quality_lookup {
    struct store *store;
    const struct live_view *live;
    const struct common_settings *common;
    int64_t device_id;          /* 0: none yet */
    struct quality_terms terms; /* of the device */
    int64_t slot;
    struct modbus_location place;
    char gateway[GATEWAY_NAME_SIZE]; /* that the device names, or "" */
    bool write_single;               /* of its server */
    struct live_table_row device;
};

/* Loads the tag's device if it is not loaded yet. Call it within a transaction. */
void quality_lookup_set_device(struct quality_lookup *lookup, const struct record *tag);
/* Reads the tag's row, zeros if it has none, and returns its quality. Call it within a transaction.
 */
struct quality_verdict quality_lookup_tag(struct quality_lookup *lookup, const struct record *tag,
                                          struct live_table_row *row);
/* Reads the device's row, zeros if it has none, and returns its quality. Call it within a
 * transaction. */
struct quality_verdict quality_lookup_device(const struct quality_lookup *lookup,
                                             const struct record *device,
                                             struct live_table_row *row);
/* Writes the members "quality" and "reason". */
void verdict_write(struct quality_verdict verdict, struct text *text);
/* The same, into the object at the end of `text`. */
void verdict_append(struct quality_verdict verdict, struct text *text);

/* The age of the newest value of a row that has one. `now_ms`: steady. */
uint64_t row_age_ms(const struct live_table_row *row, uint64_t now_ms);
/* Writes the member "age_ms", null without a value. */
void row_write_age(const struct live_table_row *row, uint64_t now_ms, struct text *text);

/* Returns the hint to append to the detail of a value that a tag of this type refused: "; ..." or
 * "". */
const char *quality_lookup_refusal_hint(enum fault fault, int type);
/* Writes {"code", "detail", "at"} for the newer of a refused value and a failed write, or null.
 * `type` is the type of the tag that refused the value, or -1. The detail of a failed write names
 * the Modbus server of `place`. */
void quality_lookup_write_error(const struct live_table_row *row, int type,
                                const struct modbus_location *place, struct text *text);

#endif
