/* Parses the bytes of a message into a JSON tree. Pure. */
#ifndef TAGFERRY_COMMON_MESSAGE_PAYLOAD_H
#define TAGFERRY_COMMON_MESSAGE_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "common/message/key_tree.h"
#include "common/model/fault.h"
#include "common/model/value.h"

struct cJSON;

struct payload {
    struct cJSON *root;
    const char
        *ignored;  /* part of the texts and names that had a NUL: they match nothing; or NULL */
    bool is_short; /* there was no memory to parse it: whether it is JSON is unknown */
};

/* Makes cJSON take its memory from a pool of each thread, in the whole process. Call it before the
 * first thread starts. Without it cJSON uses the heap, with the same results. */
void payload_install_pool(void);

/* Parses a whole message of at most `max` bytes. `text` may be NULL when `len` is 0. A byte order
 * mark before the value is skipped, and so are NULs behind a closing bracket. On
 * FAULT_INVALID_JSON, `at` receives the offset of the first wrong byte, unless `is_short`. */
enum fault payload_parse(struct payload *payload, const char *text, size_t len, size_t max,
                         size_t *at);
/* Frees the tree, in the thread that parsed it, and zeroes the payload. Accepts a zeroed one. */
void payload_finish(struct payload *payload);

/* Calls `found` for each key that the payload has. A string that keys look into is parsed once,
 * and its tree is freed with the payload. False when out of memory. */
bool payload_find_keys(struct payload *payload, const struct key_tree *keys,
                       struct key_tree_scratch *scratch, key_tree_found *found, void *context);

/* The item as a scalar, whose text stays the payload's. A text with NULs at its ends loses these,
 * and the blanks beside them; one with a NUL inside is a SCALAR_OTHER. */
void payload_read_scalar(const struct payload *payload, const struct cJSON *item,
                         struct scalar *scalar);
/* Writes the beginning of a scalar for the log: at most `size` bytes with the NUL. */
void payload_write_excerpt(const struct scalar *scalar, char *text, size_t size);

#endif
