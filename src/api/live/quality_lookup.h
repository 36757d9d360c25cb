/* Quality of tags and devices, from the store and the live table. */
#ifndef TAGFERRY_API_LIVE_QUALITY_LOOKUP_H
#define TAGFERRY_API_LIVE_QUALITY_LOOKUP_H

#include "api/base/text.h"
#include "api/live/live_view.h"
#include "api/model/record_location.h"
#include "api/store/store.h"
#include "common/base/settings.h"

/* Keeps the newest tag's device, since tags come device by device. Set the first three members and
 * zero the rest before use. */
struct quality_lookup {
    struct store *store;
    const struct live_view *live;
    const struct common_settings *common;
    int64_t device_id;          /* 0: none yet */
    struct quality_terms terms; /* of the device */
    int64_t slot;
    struct modbus_location place;
    bool write_single; /* of its server */
    struct live_table_row device;
};

/* Loads the tag's device, unless it is loaded. Within a transaction. */
void quality_lookup_set_device(struct quality_lookup *lookup, const struct record *tag);
/* The tag's row, zeros when it has none, and its quality. Within a transaction. */
struct quality_verdict quality_lookup_tag(struct quality_lookup *lookup, const struct record *tag,
                                          struct live_table_row *row);
/* The device's row, zeros when it has none, and its quality. Within a transaction. */
struct quality_verdict quality_lookup_device(const struct quality_lookup *lookup,
                                             const struct record *device,
                                             struct live_table_row *row);
/* Writes the members "quality" and "reason". */
void verdict_write(struct quality_verdict verdict, struct text *text);
/* The same into the object that was written last. */
void verdict_append(struct quality_verdict verdict, struct text *text);

/* The hint to append to the detail of a value that a tag of this type refuses. It begins with "; ",
 * or is "". */
const char *quality_lookup_refusal_hint(enum fault fault, int type);
/* Writes {"code", "detail", "at"} for the newer of refusal and failed write, or null. `type` is
 * that of the tag that refused the value, or -1. A failed write's detail is the place's Modbus
 * server. */
void quality_lookup_write_error(const struct live_table_row *row, int type,
                                const struct modbus_location *place, struct text *text);

#endif
