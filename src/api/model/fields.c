/* The tables of attributes, and records as rows of them. */
#include "api/model/fields.h"

#include <string.h>

#include "api/model/field_types.h"
#include "common/model/tag.h"

enum { SECONDS_MAX = 31536000, MS_MAX = 86400000, TEXT_MAX = 1024, TOPIC_MAX = 65535 };

#define NONE                                                                                       \
    {                                                                                              \
        .kind = CELL_NULL                                                                          \
    }
#define INTEGER(n)                                                                                 \
    {                                                                                              \
        .kind = CELL_INTEGER, .as.integer = (n)                                                    \
    }
#define REAL(n)                                                                                    \
    {                                                                                              \
        .kind = CELL_REAL, .as.real = (n)                                                          \
    }
#define TEXT(t)                                                                                    \
    {                                                                                              \
        .kind = CELL_TEXT, .as.text = (t)                                                          \
    }

static const char *const status_tables[] = {"input_register", "holding_register", NULL};

/* clang-format off */
static const struct field device_fields[DEVICE_FIELDS] = {
    [DEVICE_NAME] =
        {NULL, "name", "name", "device", &type_name, true, false, 1, 64, NULL, NONE},
    [DEVICE_DESCRIPTION] =
        {NULL, "description", "description", NULL, &type_text, false, false, 0, TEXT_MAX, NULL, TEXT("")},
    [DEVICE_ENABLED] =
        {NULL, "enabled", "enabled", NULL, &type_flag, false, false, 0, 1, NULL, INTEGER(1)},
    [DEVICE_ADDRESS] =
        {"network", "address", "network_address", NULL, &type_text, false, true, 1, 255, NULL, NONE},
    [DEVICE_MODBUS_HOST] =
        {"network", "modbus_host", "network_modbus_host", NULL, &type_host, false, true, 1, 253, NULL, NONE},
    [DEVICE_MODBUS_PORT] =
        {"network", "modbus_port", "network_modbus_port", NULL, &type_integer, false, false, 1, 65535, NULL, INTEGER(502)},
    [DEVICE_UNIT_ID] =
        {"network", "unit_id", "network_unit_id", "unit_id", &type_integer, false, false, 0, 255, NULL, INTEGER(1)},
    [DEVICE_MAX_WRITE_REGISTERS] =
        {"network", "max_write_registers", "network_max_write_registers", NULL, &type_integer, false, false, 1, 123, NULL, INTEGER(123)},
    [DEVICE_MIN_INTERVAL_MS] =
        {"network", "min_interval_ms", "network_min_interval_ms", NULL, &type_integer, false, false, 0, MS_MAX, NULL, INTEGER(0)},
    [DEVICE_WRITE_SINGLE] =
        {"network", "write_single", "network_write_single", NULL, &type_flag, false, false, 0, 1, NULL, INTEGER(0)},
    [DEVICE_POLL_INTERVAL_MS] =
        {"network", "poll_interval_ms", "network_poll_interval_ms", NULL, &type_integer, false, false, 1, MS_MAX, NULL, INTEGER(1000)},
    [DEVICE_REWRITE_ON_RECONNECT] =
        {"network", "rewrite_on_reconnect", "network_rewrite_on_reconnect", NULL, &type_flag, false, false, 0, 1, NULL, INTEGER(1)},
    [DEVICE_TOPIC] =
        {"mqtt", "topic", "mqtt_topic", "topic", &type_filter, true, false, 1, TOPIC_MAX, NULL, NONE},
    [DEVICE_QOS] =
        {"mqtt", "qos", "mqtt_qos", NULL, &type_integer, false, false, 0, 2, NULL, INTEGER(1)},
    [DEVICE_AVAILABILITY_TOPIC] =
        {"mqtt", "availability_topic", "mqtt_availability_topic", NULL, &type_filter, false, true, 1, TOPIC_MAX, NULL, NONE},
    [DEVICE_PAYLOAD_AVAILABLE] =
        {"mqtt", "payload_available", "mqtt_payload_available", NULL, &type_text, false, false, 0, TEXT_MAX, NULL, TEXT("online")},
    [DEVICE_PAYLOAD_UNAVAILABLE] =
        {"mqtt", "payload_unavailable", "mqtt_payload_unavailable", NULL, &type_text, false, false, 0, TEXT_MAX, NULL, TEXT("offline")},
    [DEVICE_STALE_AFTER_S] =
        {"mqtt", "stale_after_s", "mqtt_stale_after_s", NULL, &type_integer, false, false, 0, SECONDS_MAX, NULL, INTEGER(0)},
    [DEVICE_TIMESTAMP_KEY] =
        {"mqtt", "timestamp_key", "mqtt_timestamp_key", NULL, &type_key, false, true, 0, TEXT_MAX, NULL, NONE},
    [DEVICE_STATUS_TABLE] =
        {"status", "table", "status_table", NULL, &type_choice, false, false, 0, 0, status_tables, NONE},
    [DEVICE_STATUS_ADDRESS] =
        {"status", "address", "status_address", NULL, &type_integer, false, false, 0, 65532, NULL, NONE},
};

static const struct field tag_fields[TAG_FIELDS] = {
    [TAG_NAME] =
        {NULL, "name", "name", "tag", &type_name, true, false, 1, 64, NULL, NONE},
    [TAG_DESCRIPTION] =
        {NULL, "description", "description", "description", &type_text, false, false, 0, TEXT_MAX, NULL, TEXT("")},
    [TAG_UNIT] =
        {NULL, "unit", "unit", "unit", &type_text, false, false, 0, 64, NULL, TEXT("")},
    [TAG_ENABLED] =
        {NULL, "enabled", "enabled", "enabled", &type_flag, false, false, 0, 1, NULL, INTEGER(1)},
    [TAG_DIRECTION] =
        {NULL, "direction", "direction", "direction", &type_choice, false, false, 0, 0, direction_names, TEXT("to_modbus")},
    [TAG_KEY] =
        {"mqtt", "key", "mqtt_key", "key", &type_key, false, false, 0, TEXT_MAX, NULL, NONE},
    [TAG_TOPIC] =
        {"mqtt", "topic", "mqtt_topic", NULL, &type_filter, false, true, 1, TOPIC_MAX, NULL, NONE},
    [TAG_PAYLOAD] =
        {"mqtt", "payload", "mqtt_payload", NULL, &type_choice, false, false, 0, 0, payload_names, TEXT("json")},
    [TAG_VALUES] =
        {"mqtt", "values", "mqtt_values", NULL, &type_map, false, true, 0, 1000, NULL, NONE},
    [TAG_COMMAND_TOPIC] =
        {"mqtt", "command_topic", "mqtt_command_topic", "command_topic", &type_topic, false, true, 1, TOPIC_MAX, NULL, NONE},
    [TAG_COMMAND_TEMPLATE] =
        {"mqtt", "command_template", "mqtt_command_template", "command_template", &type_text, false, true, 0, 4096, NULL, NONE},
    [TAG_COMMAND_QOS] =
        {"mqtt", "command_qos", "mqtt_command_qos", NULL, &type_integer, false, false, 0, 2, NULL, INTEGER(1)},
    [TAG_COMMAND_RETAIN] =
        {"mqtt", "command_retain", "mqtt_command_retain", NULL, &type_flag, false, false, 0, 1, NULL, INTEGER(0)},
    [TAG_SETTLE_MS] =
        {"mqtt", "settle_ms", "mqtt_settle_ms", NULL, &type_integer, false, false, 0, MS_MAX, NULL, INTEGER(50)},
    [TAG_HOLD_OFF_MS] =
        {"mqtt", "hold_off_ms", "mqtt_hold_off_ms", NULL, &type_integer, false, false, 0, MS_MAX, NULL, INTEGER(2000)},
    [TAG_TABLE] =
        {"modbus", "table", "modbus_table", "table", &type_choice, false, false, 0, 0, table_names, NONE},
    [TAG_ADDRESS] =
        {"modbus", "address", "modbus_address", "address", &type_address, false, false, 0, ADDRESS_MAX, NULL, NONE},
    [TAG_TYPE] =
        {"modbus", "type", "modbus_type", "type", &type_choice, false, false, 0, 0, type_names, NONE},
    [TAG_BYTE_ORDER] =
        {"modbus", "byte_order", "modbus_byte_order", "byte_order", &type_choice, false, false, 0, 0, order_names, TEXT("ABCD")},
    [TAG_BIT] =
        {"modbus", "bit", "modbus_bit", "bit", &type_integer, false, true, 0, 15, NULL, NONE},
    [TAG_LENGTH] =
        {"modbus", "length", "modbus_length", "length", &type_integer, false, true, 1, STRING_REGISTERS_MAX, NULL, NONE},
    [TAG_SCALE] =
        {"modbus", "scale", "modbus_scale", "scale", &type_scale, false, false, 0, 0, NULL, REAL(1)},
    [TAG_OFFSET] =
        {"modbus", "offset", "modbus_offset", "offset", &type_real, false, false, 0, 0, NULL, REAL(0)},
    [TAG_ON_OVERFLOW] =
        {"modbus", "on_overflow", "modbus_on_overflow", "on_overflow", &type_choice, false, false, 0, 0, overflow_names, TEXT("reject")},
    [TAG_ON_STALE] =
        {"modbus", "on_stale", "modbus_on_stale", "on_stale", &type_on_stale, false, true, 0, 0, NULL, NONE},
    [TAG_ON_NULL] =
        {"modbus", "on_null", "modbus_on_null", "on_null", &type_choice, false, false, 0, 0, on_null_names, TEXT("hold")},
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

bool cell_equal(const struct cell *a, const struct cell *b)
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

void record_reset(const struct resource *resource, const char *group, struct record *record)
{
    for (size_t i = 0; i < resource->count; i++) {
        const struct field *field = &resource->fields[i];
        if (group && (!field->group || strcmp(field->group, group) != 0))
            continue;
        record->cells[i] = field->fallback;
        record->given &= ~(UINT64_C(1) << i);
    }
}

bool record_set(const struct resource *resource, struct record *record, size_t field,
                const struct scalar *in, struct arena *arena, struct objection *why)
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

bool record_equal(const struct resource *resource, const struct record *a, const struct record *b)
{
    for (size_t i = 0; i < resource->count; i++) {
        if (!cell_equal(&a->cells[i], &b->cells[i]))
            return false;
    }
    return true;
}

bool record_gives(const struct record *record, size_t field)
{
    return (record->given >> field & 1) != 0;
}

bool record_clears(const struct record *record, size_t field)
{
    return (record->cleared >> field & 1) != 0;
}

bool record_has(const struct record *record, size_t field)
{
    return (record->bad >> field & 1) == 0 && record->cells[field].kind != CELL_NULL;
}

const char *record_text(const struct record *record, size_t field)
{
    const struct cell *cell = &record->cells[field];
    return cell->kind == CELL_TEXT ? cell->as.text : NULL;
}

int64_t record_integer(const struct record *record, size_t field)
{
    const struct cell *cell = &record->cells[field];
    return cell->kind == CELL_INTEGER ? cell->as.integer : 0;
}

double record_real(const struct record *record, size_t field)
{
    const struct cell *cell = &record->cells[field];
    return cell->kind == CELL_REAL ? cell->as.real : 0;
}

bool record_is_null(const struct record *record, size_t field)
{
    return record->cells[field].kind == CELL_NULL;
}

int record_choice(const struct resource *resource, const struct record *record, size_t field)
{
    return name_index(resource->fields[field].names, record_text(record, field));
}
