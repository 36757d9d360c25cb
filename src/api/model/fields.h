/* The fields of devices and tags as tables, made from common/model/resource_fields.h, and records:
 * one value for each field. JSON, SQL, CSV and validation go through these tables. Pure. */
#ifndef TAGFERRY_API_MODEL_FIELDS_H
#define TAGFERRY_API_MODEL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/base/arena.h"
#include "common/model/resource_fields.h"
#include "common/model/value.h"

/* A value as the store has it. Flags are integers; a value map is its JSON text. */
enum cell_kind { CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT };
struct cell {
    enum cell_kind kind;
    union {
        int64_t integer;
        double real;
        const char *text;
    } as;
};

bool cell_is_equal(const struct cell *a, const struct cell *b);

/* The form of a cell in JSON. */
enum json_shape {
    SHAPE_TEXT,
    SHAPE_INTEGER,
    SHAPE_REAL,
    SHAPE_FLAG,
    SHAPE_JSON,    /* text that is JSON itself */
    SHAPE_ADDRESS, /* an integer, with its Modicon form beside it */
    SHAPE_STALE,   /* "nan", or a number kept as text */
};

/* Why a value was refused. */
struct field_error {
    const char *code;
    char detail[200];
};

struct field;

struct field_type {
    enum json_shape shape;
    /* Converts a value, which is not null, into the form of the store; texts go into the arena. */
    bool (*check)(const struct field *field, const struct scalar *in, struct arena *arena,
                  struct cell *cell, struct field_error *why);
};

struct field {
    const char *group;  /* the JSON object that holds it, or NULL: the resource itself */
    const char *name;   /* the member */
    const char *column; /* in SQL */
    const char *csv;    /* the column of the table format, or NULL */
    const struct field_type *type;
    bool required;    /* has no default and must be given */
    bool nullable;    /* null is a value; in other fields without a default it asks for one */
    int64_t min, max; /* of integers; of a text's length in characters */
    const char *const *names; /* of choices, ended by NULL */
    struct cell fallback;
};

struct resource {
    const char *name; /* "device"; also the SQL table */
    const struct field *fields;
    size_t count;
    const char *const *groups;    /* ended by NULL */
    const char *null_group;       /* the group that may be null as a whole, or NULL */
    const char *const *read_only; /* members that only the server sets, "modbus/modicon" */
};

#define FIELD_ID(id, ...) id,
enum device_field { DEVICE_FIELD_LIST(FIELD_ID, FIELD_ID) DEVICE_FIELDS };
enum tag_field { TAG_FIELD_LIST(FIELD_ID, FIELD_ID, FIELD_ID) TAG_FIELDS };
#undef FIELD_ID

enum { FIELDS_MAX = TAG_FIELDS };

extern const struct resource device_resource, tag_resource;

/* One device or tag. */
struct record {
    int64_t id; /* 0: not in the store yet */
    int64_t revision, slot, created_ms, updated_ms;
    int64_t device_id;  /* of a tag */
    const char *device; /* of a tag: its device's name */
    struct cell cells[FIELDS_MAX];
    uint64_t given;      /* a bit for each field that the request named with a value */
    uint64_t cleared;    /* a bit for each field that a JSON body named with null */
    uint64_t bad;        /* a bit for each field whose value was refused */
    bool group_given;    /* the request has an object for the group that may be null */
    const char *modicon; /* of a tag: what the request says of its address in this form, or NULL */
};

/* Every field at its default; of one group, or of all for NULL. */
void record_set_defaults(const struct resource *resource, const char *group, struct record *record);
/* Sets one field, which null sets to its default. False, with the reason in `why`, when the value
 * is refused. */
bool record_set_value(const struct resource *resource, struct record *record, size_t field,
                      const struct scalar *in, struct arena *arena, struct field_error *why);
bool record_is_equal(const struct resource *resource, const struct record *a,
                     const struct record *b);
bool record_is_given(const struct record *record, size_t field);
bool record_is_cleared(const struct record *record, size_t field);
/* True when the field has a value and the request gave none that was refused. */
bool record_has_value(const struct record *record, size_t field);
/* The text of a cell, or NULL. */
const char *record_field_text(const struct record *record, size_t field);
/* The integer of a cell, 0 when it has none. */
int64_t record_field_integer(const struct record *record, size_t field);
double record_field_real(const struct record *record, size_t field);
bool record_field_is_null(const struct record *record, size_t field);
/* The place of a choice among its names. The field has a value. */
int record_field_choice(const struct resource *resource, const struct record *record, size_t field);

/* True for a name that a device or tag may have. */
bool resource_name_is_valid(const char *name);

extern const struct field_type field_type_map; /* its JSON object is checked by record_json */

#endif
