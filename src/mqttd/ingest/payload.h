/* A message's bytes as a JSON tree, once they are sure to be JSON. Pure. */
#ifndef TAGFERRY_MQTTD_INGEST_PAYLOAD_H
#define TAGFERRY_MQTTD_INGEST_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "common/model/fault.h"
#include "common/model/value.h"

struct cJSON;

struct payload {
    struct cJSON *root;
    const char *ignored; /* what a text with a NUL in it holds; such a text matches nothing */
    char *copy;          /* the text, when it had to be changed */
    bool is_short;       /* there was no memory for it: it may be JSON or not */
};

/* Parses a whole message of at most `max` bytes. `text` may be NULL when `len` is 0. On
 * FAULT_INVALID_JSON, `at` receives the offset of the first wrong byte, unless `is_short`. */
enum fault payload_parse(struct payload *payload, const char *text, size_t len, size_t max,
                         size_t *at);
/* Takes a zeroed one. */
void payload_finish(struct payload *payload);

/* The item as a scalar, which borrows its text. */
void payload_read_scalar(const struct payload *payload, const struct cJSON *item,
                         struct scalar *scalar);
/* The bytes that explain why a scalar was refused, its own, cut and ended. */
void payload_write_excerpt(const struct scalar *scalar, char *text, size_t size);

#endif
