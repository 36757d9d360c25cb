/* Quality of tags and devices, with what the store and the live table say of them. */
#ifndef TAGFERRY_API_LIVE_QUALITY_LOOKUP_H
#define TAGFERRY_API_LIVE_QUALITY_LOOKUP_H

#include "api/handler/handler.h"

/* Keeps the newest tag's device, since tags come device by device. Zero it, except the worker. */
struct judge {
    struct worker *worker;
    int64_t device_id;          /* 0: none yet */
    struct quality_terms terms; /* of the device */
    int64_t slot;
    struct place place;
    bool write_single; /* of its server */
    struct live_row device;
};

/* Makes the tag's device the one that the judge knows. Within a transaction. */
void judge_device_of(struct judge *judge, const struct record *tag);
/* The tag's row, zeros when it has none, and its quality. Within a transaction. */
struct verdict judge_tag(struct judge *judge, const struct record *tag, struct live_row *row);
struct verdict judge_device(struct worker *worker, const struct record *device,
                            struct live_row *row);
/* Writes the members "quality" and "reason". */
void write_verdict(struct verdict verdict, struct text *text);
/* The same into the object that was written last. */
void append_verdict(struct verdict verdict, struct text *text);

/* Which verdicts a list is to have: a bit for each quality and reason, none for any. */
struct verdict_filter {
    unsigned qualities, reasons;
};
/* Reads the arguments `quality` and `reason`, each a word or several with commas between them.
 * False when the response is a 400. */
bool read_verdict_filter(const struct request *request, struct verdict_filter *filter,
                         struct response *response);
bool verdict_filter_is_any(const struct verdict_filter *filter);
bool verdict_filter_takes(const struct verdict_filter *filter, struct verdict verdict);

/* The hint to append to the detail of a value that a tag of this type refuses. It begins with "; ",
 * or is "". */
const char *refusal_hint(enum fault fault, int type);
/* Writes {"code", "detail", "at"} for the newer of refusal and failed write, or null. `type` is
 * that of the tag that refused the value, or -1. A failed write's detail is the place's Modbus
 * server. */
void write_last_error(const struct live_row *row, int type, const struct place *place,
                      struct text *text);

#endif
