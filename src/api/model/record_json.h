/* Records from and to JSON. Pure. */
#ifndef TAGFERRY_API_MODEL_RECORD_JSON_H
#define TAGFERRY_API_MODEL_RECORD_JSON_H

#include <stdbool.h>

#include "api/base/text.h"
#include "api/base/validation.h"
#include "api/model/fields.h"

struct cJSON;

/* True when the body is one JSON value (RFC 8259) without \u0000, where cJSON would cut a string.
 * Otherwise `why` receives a sentence. */
bool json_body_check(const char *body, size_t len, char *why, size_t why_size);
/* Parses a body as strict JSON (RFC 8259). NULL, with a sentence in `why`, when it is not JSON. */
struct cJSON *json_body_parse(const char *body, size_t len, char *why, size_t why_size);
void json_body_free(struct cJSON *tree);

/* The values that a body may give to members that only the server sets. */
struct read_only_values {
    const struct record *old; /* the resource as it is, or NULL when it is to be created */
    const char *device;       /* of a tag: its device's name, or NULL if that is not known */
    bool from_export;         /* ids, revisions and times may be those of another store or day */
};

/* Reads the members of the body into a record. The caller has filled it with the values for members
 * that are missing: the defaults, or for a merge patch (RFC 7396) the old values. With a root in
 * `validation` the body is that group alone. A member that only the server sets is an error unless
 * its value is the one in `set`. */
void record_json_read(const struct resource *resource, const struct cJSON *body, bool merge,
                      const struct read_only_values *set, struct validation *validation,
                      struct record *record);

/* One JSON value as value_read_scalar takes it. It borrows the tree's text. */
struct scalar record_json_scalar(const struct cJSON *item);

/* Writes the resource; `warnings` may be NULL or empty. */
void record_json_write(const struct resource *resource, const struct record *record,
                       const struct validation *warnings, struct text *text);
/* Writes the object of one group; `warnings` as above. */
void record_json_write_group(const struct resource *resource, const struct record *record,
                             const char *group, const struct validation *warnings,
                             struct text *text);
/* Writes the members "table", "address" and "modicon" of a tag, which has table and address. */
void record_json_write_location(const struct record *tag, struct text *text);

#endif
