/* Reads records from JSON and writes them as JSON. Pure. */
#ifndef TAGFERRY_API_MODEL_RECORD_JSON_H
#define TAGFERRY_API_MODEL_RECORD_JSON_H

#include <stdbool.h>

#include "api/base/text.h"
#include "api/base/validation.h"
#include "api/model/fields.h"

struct cJSON;

/* True when the body is one JSON value (RFC 8259) without \u0000, at which cJSON would cut a
 * string. False, with a sentence in `why`, otherwise. */
bool json_body_check(const char *body, size_t len, char *why, size_t why_size);
/* Parses a body that json_body_check accepts. NULL, with a sentence in `why`, for any other. The
 * caller frees the tree with json_body_free. */
struct cJSON *json_body_parse(const char *body, size_t len, char *why, size_t why_size);
void json_body_free(struct cJSON *tree);

/* The values that a body may have for members that only the server sets. */
struct read_only_values {
    const struct record *old; /* the stored resource, or NULL for a new one */
    const char *device;       /* of a tag: the name of its device, or NULL if it is not known */
    bool from_export;         /* ids, revisions and times may be from another store or time */
    bool may_move;            /* `device` may be another one: see record.move_to */
};

/* Reads the members of the body into a record, which the caller has filled with the values of
 * missing members: the defaults, or the old values for a merge patch (RFC 7396). If `validation`
 * has a root, the body is that group alone. A member that only the server sets must have its value
 * in `set`. Errors go to `validation`; texts are copied into its arena. */
void record_json_read(const struct resource *resource, const struct cJSON *body, bool merge,
                      const struct read_only_values *set, struct validation *validation,
                      struct record *record);

/* Writes the members that the server sets: "id", "revision", "created_at", "updated_at". Times are
 * in milliseconds since 1970. */
void record_json_write_stamp(int64_t id, int64_t revision, int64_t created_ms, int64_t updated_ms,
                             struct text *text);
/* Writes the resource as a JSON object, with `warnings` unless they are NULL or empty. */
void record_json_write(const struct resource *resource, const struct record *record,
                       const struct validation *warnings, struct text *text);
/* Writes the JSON object of one group, with `warnings` as above; null for a group without values.
 */
void record_json_write_group(const struct resource *resource, const struct record *record,
                             const char *group, const struct validation *warnings,
                             struct text *text);
/* Writes the value of a field. */
void record_json_write_cell(const struct field *field, const struct cell *cell, struct text *text);
/* Writes the members "table", "address" and "modicon" of a tag, which must have table and address.
 */
void record_json_write_location(const struct record *tag, struct text *text);

#endif
