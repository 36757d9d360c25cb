/* The tables of attributes, and records as rows of them. */
#include "api/model/fields.h"

#include <string.h>

#include "api/model/field_types.h"
#include "common/model/tag.h"

enum { SECONDS_MAX = 31536000, MS_MAX = 86400000, TEXT_MAX = 1024, TOPIC_MAX = 65535 };

#define DEFAULT_NULL                                                                               \
    {                                                                                              \
        .kind = CELL_NULL                                                                          \
    }
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

static const char *const status_tables[] = {"input_register", "holding_register", NULL};

/* clang-format off */
static const struct field device_fields[DEVICE_FIELDS] = {
    [DEVICE_NAME] =
        {NULL, "name", "name", "device", &field_type_name, true, false, 1, 64, NULL, DEFAULT_NULL},
    [DEVICE_DESCRIPTION] =
        {NULL, "description", "description", NULL, &field_type_text, false, false, 0, TEXT_MAX, NULL, DEFAULT_TEXT("")},
    [DEVICE_ENABLED] =
        {NULL, "enabled", "enabled", NULL, &field_type_flag, false, false, 0, 1, NULL, DEFAULT_INTEGER(1)},
    [DEVICE_ADDRESS] =
        {"network", "address", "network_address", NULL, &field_type_text, false, true, 1, 255, NULL, DEFAULT_NULL},
    [DEVICE_MODBUS_HOST] =
        {"network", "modbus_host", "network_modbus_host", NULL, &field_type_host, false, true, 1, 253, NULL, DEFAULT_NULL},
    [DEVICE_MODBUS_PORT] =
        {"network", "modbus_port", "network_modbus_port", NULL, &field_type_integer, false, false, 1, 65535, NULL, DEFAULT_INTEGER(502)},
    [DEVICE_UNIT_ID] =
        {"network", "unit_id", "network_unit_id", "unit_id", &field_type_integer, false, false, 0, 255, NULL, DEFAULT_INTEGER(1)},
    [DEVICE_MAX_WRITE_REGISTERS] =
        {"network", "max_write_registers", "network_max_write_registers", NULL, &field_type_integer, false, false, 1, 123, NULL, DEFAULT_INTEGER(123)},
    [DEVICE_MIN_INTERVAL_MS] =
        {"network", "min_interval_ms", "network_min_interval_ms", NULL, &field_type_integer, false, false, 0, MS_MAX, NULL, DEFAULT_INTEGER(0)},
    [DEVICE_WRITE_SINGLE] =
        {"network", "write_single", "network_write_single", NULL, &field_type_flag, false, false, 0, 1, NULL, DEFAULT_INTEGER(0)},
    [DEVICE_POLL_INTERVAL_MS] =
        {"network", "poll_interval_ms", "network_poll_interval_ms", NULL, &field_type_integer, false, false, 1, MS_MAX, NULL, DEFAULT_INTEGER(1000)},
    [DEVICE_REWRITE_ON_RECONNECT] =
        {"network", "rewrite_on_reconnect", "network_rewrite_on_reconnect", NULL, &field_type_flag, false, false, 0, 1, NULL, DEFAULT_INTEGER(1)},
    [DEVICE_TOPIC] =
        {"mqtt", "topic", "mqtt_topic", "topic", &field_type_filter, true, false, 1, TOPIC_MAX, NULL, DEFAULT_NULL},
    [DEVICE_QOS] =
        {"mqtt", "qos", "mqtt_qos", NULL, &field_type_integer, false, false, 0, 2, NULL, DEFAULT_INTEGER(1)},
    [DEVICE_AVAILABILITY_TOPIC] =
        {"mqtt", "availability_topic", "mqtt_availability_topic", NULL, &field_type_filter, false, true, 1, TOPIC_MAX, NULL, DEFAULT_NULL},
    [DEVICE_PAYLOAD_AVAILABLE] =
        {"mqtt", "payload_available", "mqtt_payload_available", NULL, &field_type_text, false, false, 0, TEXT_MAX, NULL, DEFAULT_TEXT("online")},
    [DEVICE_PAYLOAD_UNAVAILABLE] =
        {"mqtt", "payload_unavailable", "mqtt_payload_unavailable", NULL, &field_type_text, false, false, 0, TEXT_MAX, NULL, DEFAULT_TEXT("offline")},
    [DEVICE_STALE_AFTER_S] =
        {"mqtt", "stale_after_s", "mqtt_stale_after_s", NULL, &field_type_integer, false, false, 0, SECONDS_MAX, NULL, DEFAULT_INTEGER(0)},
    [DEVICE_TIMESTAMP_KEY] =
        {"mqtt", "timestamp_key", "mqtt_timestamp_key", NULL, &field_type_key, false, true, 0, TEXT_MAX, NULL, DEFAULT_NULL},
    [DEVICE_STATUS_TABLE] =
        {"status", "table", "status_table", NULL, &field_type_choice, false, false, 0, 0, status_tables, DEFAULT_NULL},
    [DEVICE_STATUS_ADDRESS] =
        {"status", "address", "status_address", NULL, &field_type_integer, false, false, 0, 65532, NULL, DEFAULT_NULL},
};

static const struct field tag_fields[TAG_FIELDS] = {
    [TAG_NAME] =
        {NULL, "name", "name", "tag", &field_type_name, true, false, 1, 64, NULL, DEFAULT_NULL},
    [TAG_DESCRIPTION] =
        {NULL, "description", "description", "description", &field_type_text, false, false, 0, TEXT_MAX, NULL, DEFAULT_TEXT("")},
    [TAG_UNIT] =
        {NULL, "unit", "unit", "unit", &field_type_text, false, false, 0, 64, NULL, DEFAULT_TEXT("")},
    [TAG_ENABLED] =
        {NULL, "enabled", "enabled", "enabled", &field_type_flag, false, false, 0, 1, NULL, DEFAULT_INTEGER(1)},
    [TAG_DIRECTION] =
        {NULL, "direction", "direction", "direction", &field_type_choice, false, false, 0, 0, direction_names, DEFAULT_TEXT("to_modbus")},
    [TAG_KEY] =
        {"mqtt", "key", "mqtt_key", "key", &field_type_key, false, false, 0, TEXT_MAX, NULL, DEFAULT_NULL},
    [TAG_TOPIC] =
        {"mqtt", "topic", "mqtt_topic", NULL, &field_type_filter, false, true, 1, TOPIC_MAX, NULL, DEFAULT_NULL},
    [TAG_PAYLOAD] =
        {"mqtt", "payload", "mqtt_payload", NULL, &field_type_choice, false, false, 0, 0, payload_names, DEFAULT_TEXT("json")},
    [TAG_VALUES] =
        {"mqtt", "values", "mqtt_values", NULL, &field_type_map, false, true, 0, 1000, NULL, DEFAULT_NULL},
    [TAG_COMMAND_TOPIC] =
        {"mqtt", "command_topic", "mqtt_command_topic", "command_topic", &field_type_topic, false, true, 1, TOPIC_MAX, NULL, DEFAULT_NULL},
    [TAG_COMMAND_TEMPLATE] =
        {"mqtt", "command_template", "mqtt_command_template", "command_template", &field_type_text, false, true, 0, 4096, NULL, DEFAULT_NULL},
    [TAG_COMMAND_QOS] =
        {"mqtt", "command_qos", "mqtt_command_qos", NULL, &field_type_integer, false, false, 0, 2, NULL, DEFAULT_INTEGER(1)},
    [TAG_COMMAND_RETAIN] =
        {"mqtt", "command_retain", "mqtt_command_retain", NULL, &field_type_flag, false, false, 0, 1, NULL, DEFAULT_INTEGER(0)},
    [TAG_SETTLE_MS] =
        {"mqtt", "settle_ms", "mqtt_settle_ms", NULL, &field_type_integer, false, false, 0, MS_MAX, NULL, DEFAULT_INTEGER(50)},
    [TAG_HOLD_OFF_MS] =
        {"mqtt", "hold_off_ms", "mqtt_hold_off_ms", NULL, &field_type_integer, false, false, 0, MS_MAX, NULL, DEFAULT_INTEGER(2000)},
    [TAG_TABLE] =
        {"modbus", "table", "modbus_table", "table", &field_type_choice, false, false, 0, 0, table_names, DEFAULT_NULL},
    [TAG_ADDRESS] =
        {"modbus", "address", "modbus_address", "address", &field_type_address, false, false, 0, ADDRESS_MAX, NULL, DEFAULT_NULL},
    [TAG_TYPE] =
        {"modbus", "type", "modbus_type", "type", &field_type_choice, false, false, 0, 0, type_names, DEFAULT_NULL},
    [TAG_BYTE_ORDER] =
        {"modbus", "byte_order", "modbus_byte_order", "byte_order", &field_type_choice, false, false, 0, 0, order_names, DEFAULT_TEXT("ABCD")},
    [TAG_BIT] =
        {"modbus", "bit", "modbus_bit", "bit", &field_type_integer, false, true, 0, 15, NULL, DEFAULT_NULL},
    [TAG_LENGTH] =
        {"modbus", "length", "modbus_length", "length", &field_type_integer, false, true, 1, STRING_REGISTERS_MAX, NULL, DEFAULT_NULL},
    [TAG_SCALE] =
        {"modbus", "scale", "modbus_scale", "scale", &field_type_scale, false, false, 0, 0, NULL, DEFAULT_REAL(1)},
    [TAG_OFFSET] =
        {"modbus", "offset", "modbus_offset", "offset", &field_type_real, false, false, 0, 0, NULL, DEFAULT_REAL(0)},
    [TAG_ON_OVERFLOW] =
        {"modbus", "on_overflow", "modbus_on_overflow", "on_overflow", &field_type_choice, false, false, 0, 0, overflow_names, DEFAULT_TEXT("reject")},
    [TAG_ON_STALE] =
        {"modbus", "on_stale", "modbus_on_stale", "on_stale", &field_type_on_stale, false, true, 0, 0, NULL, DEFAULT_NULL},
    [TAG_ON_NULL] =
        {"modbus", "on_null", "modbus_on_null", "on_null", &field_type_choice, false, false, 0, 0, on_null_names, DEFAULT_TEXT("hold")},
};
/* clang-format on */

static const char *const device_groups[] = {"network", "mqtt", "status", NULL};
static const char *const tag_groups[] = {"mqtt", "modbus", NULL};
static const char *const device_read_only[] = {"id",       "revision", "created_at", "updated_at",
                                               "warnings", "quality",  "reason",     NULL};
static const char *const tag_read_only[] = {
    "id",       "device",         "revision",        "created_at", "updated_at",
    "warnings", "modbus/modicon", "modbus/warnings", "quality",    "reason",
    NULL};

const struct resource device_resource = {"device",      device_fields, DEVICE_FIELDS,
                                         device_groups, "status",      device_read_only};
const struct resource tag_resource = {"tag",      tag_fields, TAG_FIELDS,
                                      tag_groups, NULL,       tag_read_only};

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

bool record_set_value(const struct resource *resource, struct record *record, size_t field,
                      const struct scalar *in, struct arena *arena, struct field_error *why)
{
    const struct field *row = &resource->fields[field];
    struct cell cell;
    if (in->kind == SCALAR_NULL) {
        record->cells[field] = row->fallback;
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
    const struct cell *cell = &record->cells[field];
    return cell->kind == CELL_TEXT ? cell->as.text : NULL;
}

int64_t record_field_integer(const struct record *record, size_t field)
{
    const struct cell *cell = &record->cells[field];
    return cell->kind == CELL_INTEGER ? cell->as.integer : 0;
}

double record_field_real(const struct record *record, size_t field)
{
    const struct cell *cell = &record->cells[field];
    return cell->kind == CELL_REAL ? cell->as.real : 0;
}

bool record_field_is_null(const struct record *record, size_t field)
{
    return record->cells[field].kind == CELL_NULL;
}

int record_field_choice(const struct resource *resource, const struct record *record, size_t field)
{
    return name_list_find(resource->fields[field].names, record_field_text(record, field));
}
