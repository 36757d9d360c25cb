/* The bytes of a message as a JSON tree. Pure. */
#ifndef TAGFERRY_MQTTD_INGEST_PAYLOAD_H
#define TAGFERRY_MQTTD_INGEST_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "common/model/fault.h"
#include "common/model/value.h"

struct cJSON;

struct payload {
    struct cJSON *root;
    const char *ignored; /* a text or name with a NUL contains this, and matches nothing; or NULL */
    char *copy;          /* the text, when it had to be changed */
    bool is_short;       /* there was no memory to parse it: it may be JSON or not */
};

/* Lets cJSON take its memory from the pool, in the whole process. Call it before the first thread
 * starts. Without it everything works the same, from the heap. */
void payload_install_pool(void);

/* Parses a whole message of at most `max` bytes. `text` may be NULL when `len` is 0. On
 * FAULT_INVALID_JSON, `at` receives the offset of the first wrong byte, unless `is_short`. */
enum fault payload_parse(struct payload *payload, const char *text, size_t len, size_t max,
                         size_t *at);
/* Frees the tree, in the thread that parsed it, and zeroes the payload. Takes a zeroed one. */
void payload_finish(struct payload *payload);

/* The item as a scalar, whose text stays the payload's. A text with NULs at its ends loses these,
 * and the blanks beside them; one with a NUL inside is a SCALAR_OTHER. */
void payload_read_scalar(const struct payload *payload, const struct cJSON *item,
                         struct scalar *scalar);
/* Writes the beginning of a scalar that was refused, cut to `size` and terminated. */
void payload_write_excerpt(const struct scalar *scalar, char *text, size_t size);

#endif
