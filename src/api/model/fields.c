/* The field tables, and access to records. */
#include "api/model/fields.h"

#include <string.h>

#include "api/model/field_types.h"
#include "api/model/object_fields.h"
#include "api/model/profile_use.h"
#include "common/base/require.h"
#include "common/model/modbus_location.h"
#include "common/model/tag.h"

#define DEFAULT_INTEGER(n)                                                                         \
    {                                                                                              \
        .kind = CELL_INTEGER, .as.integer = (n)                                                    \
    }
#define DEFAULT_REAL(n)                                                                            \
    {                                                                                              \
        .kind = CELL_REAL, .as.real = (n)                                                          \
    }
#define DEFAULT_TEXT(t)                                                                            \
    {                                                                                              \
        .kind = CELL_TEXT, .as.text = (t)                                                          \
    }

/* The members of struct field that follow from the kind: the type, and the names of a choice. */
#define KIND_TEXT(check)   .type = (&field_type_##check)
#define KIND_REAL(check)   .type = (&field_type_##check)
#define KIND_OBJECT(check) .type = (&field_type_##check)
#define KIND_FLAG          .type = (&field_type_flag), .max = 1
#define KIND_U8            .type = (&field_type_integer)
#define KIND_U16           .type = (&field_type_integer)
#define KIND_U32           .type = (&field_type_integer)
#define KIND_BIT           .type = (&field_type_integer)
#define KIND_BYTE          .type = (&field_type_choice), .names = byte_names
#define KIND_ADDRESS       .type = (&field_type_address)
#define KIND_CHOICE(list)  .type = (&field_type_choice), .names = (list)
#define KIND_STATUS_TABLE  .type = (&field_type_choice), .names = status_table_names
#define KIND_VALUES        .type = (&field_type_map)
#define KIND_ON_STALE      .type = (&field_type_on_stale)
#define KIND_SCALAR        .type = (&field_type_scalar)

#define FIELD_ROW(id, in_group, member, in_column, kind, ...)                                      \
    [id] = {.group = (in_group), .name = #member, .column = #in_column, KIND_##kind, __VA_ARGS__},
#define POINT_ROW(id, member, place, kind, ...)                                                    \
    [id] = {.group = "modbus",                                                                     \
            .name = #member,                                                                       \
            .column = "modbus_" #member,                                                           \
            KIND_##kind,                                                                           \
            __VA_ARGS__},

static const struct field device_fields[DEVICE_FIELDS] = {DEVICE_FIELD_LIST(FIELD_ROW, FIELD_ROW)};
static const struct field tag_fields[TAG_FIELDS] = {
    TAG_FIELD_LIST(FIELD_ROW, FIELD_ROW, POINT_ROW)};

_Static_assert(FIELD_STATUS_ADDRESS_MAX == ADDRESS_MAX + 1 - STATUS_REGISTERS, "status block");
_Static_assert(TAG_FIELDS <= 64 && DEVICE_FIELDS <= 64, "struct record has a bit for each field");
_Static_assert((int)DEVICE_FIELDS <= (int)FIELDS_MAX, "struct record has a cell for each field");

static const char *const device_groups[] = {"network", "mqtt", "status", NULL};
static const char *const tag_groups[] = {"mqtt", "modbus", NULL};
static const char *const device_read_only[] = {
    "id", "revision", "created_at", "updated_at", "warnings", "quality", "reason", "live", NULL};
static const char *const tag_read_only[] = {
    "id",         "device",   "revision",       "created_at",
    "updated_at", "warnings", "modbus/modicon", "modbus/warnings",
    "quality",    "reason",   "profile",        NULL};

const struct resource device_resource = {.name = "device",
                                         .fields = device_fields,
                                         .count = DEVICE_FIELDS,
                                         .groups = device_groups,
                                         .null_group = "status",
                                         .read_only = device_read_only};
const struct resource tag_resource = {.name = "tag",
                                      .fields = tag_fields,
                                      .count = TAG_FIELDS,
                                      .groups = tag_groups,
                                      .read_only = tag_read_only};

int resource_find_field(const struct resource *resource, const char *group, const char *name)
{
    for (size_t i = 0; i < resource->count; i++) {
        const struct field *field = &resource->fields[i];
        bool same =
            field->group == group || (field->group && group && !strcmp(field->group, group));
        if (same && strcmp(field->name, name) == 0)
            return (int)i;
    }
    return -1;
}

bool cell_is_equal(const struct cell *a, const struct cell *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case CELL_NULL:
        return true;
    case CELL_INTEGER:
        return a->as.integer == b->as.integer;
    case CELL_REAL:
        return a->as.real == b->as.real;
    case CELL_TEXT:
        break;
    }
    return strcmp(a->as.text, b->as.text) == 0;
}

void record_set_defaults(const struct resource *resource, const char *group, struct record *record)
{
    for (size_t i = 0; i < resource->count; i++) {
        const struct field *field = &resource->fields[i];
        if (group && (!field->group || strcmp(field->group, group) != 0))
            continue;
        record->cells[i] = field->fallback;
        record->given &= ~(UINT64_C(1) << i);
    }
}

static const struct cell null_cell = {.kind = CELL_NULL};

bool record_set_value(const struct resource *resource, struct record *record, size_t field,
                      const struct scalar *in, struct arena *arena, struct field_error *why)
{
    REQUIRE(field < resource->count);
    const struct field *row = &resource->fields[field];
    struct cell cell;
    if (in->kind == SCALAR_NULL) {
        record->cells[field] = row->nullable ? null_cell : row->fallback;
        record->given &= ~(UINT64_C(1) << field);
        return true;
    }
    record->given |= UINT64_C(1) << field;
    if (!row->type->check(row, in, arena, &cell, why)) {
        record->bad |= UINT64_C(1) << field;
        return false;
    }
    record->cells[field] = cell;
    return true;
}

bool record_is_equal(const struct resource *resource, const struct record *a,
                     const struct record *b)
{
    for (size_t i = 0; i < resource->count; i++) {
        if (!cell_is_equal(&a->cells[i], &b->cells[i]))
            return false;
    }
    return true;
}

bool record_is_given(const struct record *record, size_t field)
{
    return (record->given >> field & 1) != 0;
}

bool record_is_cleared(const struct record *record, size_t field)
{
    return (record->cleared >> field & 1) != 0;
}

bool record_has_value(const struct record *record, size_t field)
{
    return (record->bad >> field & 1) == 0 && record->cells[field].kind != CELL_NULL;
}

const char *record_field_text(const struct record *record, size_t field)
{
    REQUIRE(field < FIELDS_MAX);
    const struct cell *cell = &record->cells[field];
    return cell->kind == CELL_TEXT ? cell->as.text : NULL;
}

int64_t record_field_integer(const struct record *record, size_t field)
{
    REQUIRE(field < FIELDS_MAX);
    const struct cell *cell = &record->cells[field];
    return cell->kind == CELL_INTEGER ? cell->as.integer : 0;
}

double record_field_real(const struct record *record, size_t field)
{
    REQUIRE(field < FIELDS_MAX);
    const struct cell *cell = &record->cells[field];
    return cell->kind == CELL_REAL ? cell->as.real : 0;
}

bool record_field_is_null(const struct record *record, size_t field)
{
    return record->cells[field].kind == CELL_NULL;
}

int record_field_choice(const struct resource *resource, const struct record *record, size_t field)
{
    const char *text = record_field_text(record, field);
    REQUIRE(field < resource->count && resource->fields[field].names && text);
    return name_list_find(resource->fields[field].names, text);
}
