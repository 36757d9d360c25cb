/* The fields of devices and tags as tables, made from common/model/resource_fields.h, and records,
 * which have one value for each field. JSON, CSV and validation use these tables. Pure. */
#ifndef TAGFERRY_API_MODEL_FIELDS_H
#define TAGFERRY_API_MODEL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/base/arena.h"
#include "common/model/resource_fields.h"
#include "common/model/value.h"

/* A value as in the store: a flag is an integer, a value map is its JSON text. */
enum cell_kind { CELL_NULL, CELL_INTEGER, CELL_REAL, CELL_TEXT };
struct cell {
    enum cell_kind kind;
    union {
        int64_t integer;
        double real;
        const char *text;
    } as;
};

/* True when both are null, or have the same kind and value. */
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
    SHAPE_SCALAR,  /* a number, a text, true or false, kept as its JSON */
};

/* The reason why a value was refused: an identifier for programs, and a sentence. */
struct field_error {
    const char *code;
    char detail[200];
};

struct cJSON;
struct field;
struct validation;

struct field_type {
    enum json_shape shape;
    /* Converts a value, which is not null, to a cell, whose text is in the arena. False, with the
     * reason in `why`, when the field does not accept the value. */
    bool (*check)(const struct field *field, const struct scalar *in, struct arena *arena,
                  struct cell *cell, struct field_error *why);
    /* Of a JSON object: returns its text in the arena of `validation`, or NULL with errors. NULL
     * for a type that takes no object. */
    const char *(*read_object)(const struct field *field, const struct cJSON *object,
                               struct validation *validation);
    const char *object_form; /* with read_object: what the field accepts, in words */
};

struct field {
    const char *group;  /* the JSON object that has the member; NULL: the resource itself */
    const char *name;   /* the member */
    const char *column; /* in SQL */
    const char *csv;    /* the column in CSV, or NULL */
    const struct field_type *type;
    bool required;    /* has no default: the request must have a value */
    bool nullable;    /* null is a value; in other fields it means the default */
    int64_t min, max; /* the range of an integer, or of the length of a text in characters */
    const char *const *names; /* of a choice: its values, ended by NULL; else NULL */
    struct cell fallback;     /* the default */
};

struct resource {
    const char *name; /* "device" or "tag"; also the SQL table */
    const struct field *fields;
    size_t count;
    const char *const *groups;    /* ended by NULL */
    const char *null_group;       /* the group that may be null as a whole, or NULL */
    const char *const *read_only; /* members that only the server sets, such as "modbus/modicon" */
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
    int64_t device_id;   /* of a tag */
    int64_t profile_tag; /* of a tag: the id of the profile's tag that it follows, or 0 */
    const char *device;  /* of a tag: its device's name */
    struct cell cells[FIELDS_MAX];
    uint64_t given;      /* a bit for each field that has a value in the request */
    uint64_t cleared;    /* a bit for each field that is null in a JSON body */
    uint64_t bad;        /* a bit for each field whose value was refused */
    bool group_given;    /* the request has an object for the group that may be null */
    const char *modicon; /* of a tag: the address in Modicon form in the request, or NULL */
    const char *move_to; /* of a tag: the name of a device in a request that may move it, or NULL */
};

/* Returns the index of the field of a member of a group, or of the resource itself for NULL; -1
 * if it has no such field. */
int resource_find_field(const struct resource *resource, const char *group, const char *name);
/* Sets the fields of a group, or all fields for NULL, to their defaults. */
void record_set_defaults(const struct resource *resource, const char *group, struct record *record);
/* Sets one field; null sets it to its default. False, with the reason in `why`, when the field does
 * not accept the value. Texts are copied into the arena. */
bool record_set_value(const struct resource *resource, struct record *record, size_t field,
                      const struct scalar *in, struct arena *arena, struct field_error *why);
/* True when all fields are equal; the members that only the server sets are not compared. */
bool record_is_equal(const struct resource *resource, const struct record *a,
                     const struct record *b);
/* True when the request has a value for the field. */
bool record_is_given(const struct record *record, size_t field);
/* True when the JSON body has null for the field. */
bool record_is_cleared(const struct record *record, size_t field);
/* True when the field has a value, and no value in the request was refused. */
bool record_has_value(const struct record *record, size_t field);
/* Returns the text of a field, or NULL when it has none. */
const char *record_field_text(const struct record *record, size_t field);
/* Return the number of a field, 0 when it has none. */
int64_t record_field_integer(const struct record *record, size_t field);
double record_field_real(const struct record *record, size_t field);
bool record_field_is_null(const struct record *record, size_t field);
/* Returns the index of a choice among its names. The field must have a value. */
int record_field_choice(const struct resource *resource, const struct record *record, size_t field);

/* True when a device or tag may have this name. */
bool resource_name_is_valid(const char *name);

#endif
