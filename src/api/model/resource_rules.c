/* Rules between fields. The rules of a field whose value was refused are not applied, so that each
 * mistake is reported once. */
#include "api/model/resource_rules.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/model/record_json.h"
#include "api/model/resource_rules_internal.h"
#include "common/base/serial_line.h"
#include "common/model/codec.h"
#include "common/model/sparkplug_topic.h"

void rules_add_error(struct validation *validation, const struct resource *resource, size_t field,
                     const char *code, const char *format, ...)
{
    const struct field *row = &resource->fields[field];
    va_list args;
    va_start(args, format);
    const char *detail = arena_vformat(validation->arena, format, args);
    va_end(args);
    const char *name = validation->row > 0 && row->csv ? row->csv : row->name;
    validation_add(validation, row->group, name, code, "%s", detail);
}

static void rules_check_required(const struct resource *resource, const struct record *record,
                                 struct validation *validation)
{
    for (size_t i = 0; i < resource->count; i++) {
        if (resource->fields[i].required && record_field_is_null(record, i) &&
            !field_was_refused(record, i))
            rules_add_error(validation, resource, i, "required", "is required");
    }
}

static void record_set_text(struct record *record, size_t field, const char *text)
{
    record->cells[field] = (struct cell){.kind = CELL_TEXT, .as.text = text};
}

/* TLS needs a connection by TCP to another server. */
static void rules_check_tls(const struct record *device, bool local, struct validation *validation)
{
    const char *host = record_field_text(device, DEVICE_MODBUS_HOST);
    const char *framing = record_field_text(device, DEVICE_FRAMING);
    if (!record_has_value(device, DEVICE_TLS) || !record_field_integer(device, DEVICE_TLS))
        return;
    if (host && serial_line_is_host(host))
        rules_add_error(validation, &device_resource, DEVICE_TLS, "type_mismatch",
                        "must be false for a serial line, which has no TLS");
    else if (local && !field_was_refused(device, DEVICE_MODBUS_HOST))
        rules_add_error(validation, &device_resource, DEVICE_TLS, "foreign_only",
                        "must be false on the local server: it is for another Modbus server, which "
                        "modbus_host names");
    else if (framing && strcmp(framing, framing_names[FRAMING_RTU]) == 0)
        rules_add_error(validation, &device_resource, DEVICE_TLS, "type_mismatch",
                        "must be false with framing rtu: TLS carries Modbus TCP, framing tcp");
}

/* The unit id of a Modbus TCP server itself. */
enum { UNIT_OF_SERVER = 255 };

void rules_apply_to_device(struct record *device, bool local, const struct unit_set *units,
                           struct validation *validation)
{
    rules_check_required(&device_resource, device, validation);

    /* A status block has an address; its table has a default. */
    bool has_table = record_has_value(device, DEVICE_STATUS_TABLE);
    bool has_address = record_has_value(device, DEVICE_STATUS_ADDRESS);
    if (device->group_given || has_table || has_address) {
        if (!has_address && !field_was_refused(device, DEVICE_STATUS_ADDRESS))
            rules_add_error(validation, &device_resource, DEVICE_STATUS_ADDRESS, "required",
                            "is required");
        if (!has_table && !field_was_refused(device, DEVICE_STATUS_TABLE))
            record_set_text(device, DEVICE_STATUS_TABLE, table_names[TABLE_INPUT_REGISTER]);
    }

    /* One of the two payloads may stand for all but the other. */
    if (record_field_is_null(device, DEVICE_PAYLOAD_AVAILABLE) &&
        record_field_is_null(device, DEVICE_PAYLOAD_UNAVAILABLE) &&
        !field_was_refused(device, DEVICE_PAYLOAD_AVAILABLE) &&
        !field_was_refused(device, DEVICE_PAYLOAD_UNAVAILABLE))
        rules_add_error(validation, &device_resource, DEVICE_PAYLOAD_UNAVAILABLE, "required",
                        "must not be null while payload_available is null, too");
    const char *available = record_field_text(device, DEVICE_PAYLOAD_AVAILABLE);
    const char *unavailable = record_field_text(device, DEVICE_PAYLOAD_UNAVAILABLE);
    if (available && unavailable &&
        text_span_is_equal(text_span_trim((struct text_span){available, strlen(available)}),
                           text_span_trim((struct text_span){unavailable, strlen(unavailable)})))
        rules_add_error(validation, &device_resource, DEVICE_PAYLOAD_UNAVAILABLE, "duplicate",
                        "must differ from payload_available; blanks around them do not count");

    rules_check_tls(device, local, validation);

    if (!record_has_value(device, DEVICE_UNIT_ID))
        return;
    int64_t unit = record_field_integer(device, DEVICE_UNIT_ID);
    const char *host = record_field_text(device, DEVICE_MODBUS_HOST);
    const char *framing = record_field_text(device, DEVICE_FRAMING);
    bool by_rtu = !local && ((host && serial_line_is_host(host)) ||
                             (framing && strcmp(framing, framing_names[FRAMING_RTU]) == 0));
    if (by_rtu && unit > UNIT_MAX)
        rules_add_error(validation, &device_resource, DEVICE_UNIT_ID, "out_of_range",
                        "must be from 0 to %d on a serial line; 0 stands for all its units",
                        UNIT_MAX);
    else if (!local && unit > UNIT_MAX && unit < UNIT_OF_SERVER)
        rules_add_error(validation, &device_resource, DEVICE_UNIT_ID, "out_of_range",
                        "must be from 0 to %d, or %d: the ids in between are reserved", UNIT_MAX,
                        UNIT_OF_SERVER);
    if (local && unit_set_find_original(units, unit) != 0)
        rules_add_error(validation, &device_resource, DEVICE_UNIT_ID, "unknown_unit",
                        "unit %lld is another name of unit %u for SCADA clients; the device needs "
                        "unit_id %u",
                        (long long)unit, unit_set_find_original(units, unit),
                        unit_set_find_original(units, unit));
    else if (local && !unit_set_contains(units, unit))
        rules_add_error(validation, &device_resource, DEVICE_UNIT_ID, "unknown_unit",
                        "unit %lld is not on the local server; [common] units lists its units",
                        (long long)unit);
}

/* Chooses the table if the request has none. */
static void rules_choose_table(struct record *tag, const struct record *old, bool local)
{
    if (!record_field_is_null(tag, TAG_TABLE) || field_was_refused(tag, TAG_TABLE))
        return;
    bool has_bit = !record_field_is_null(tag, TAG_BIT);
    int direction = record_tag_choice(tag, TAG_DIRECTION);
    bool clients_write = direction_has_commands(direction) || !local;

    /* A bool without a bit number is a coil or discrete input. SCADA can write coils, and Tagferry
     * can write them on a foreign server; nobody can write discrete inputs there. */
    enum modbus_table table = TABLE_HOLDING_REGISTER;
    if (record_tag_choice(tag, TAG_TYPE) == TYPE_BOOL && !has_bit)
        table = clients_write ? TABLE_COIL : TABLE_DISCRETE_INPUT;

    /* An address consists of table and offset. A tag that keeps its offset keeps its table, too, if
     * its new settings allow that table. */
    if (old && record_field_is_null(tag, TAG_ADDRESS) && !record_is_cleared(tag, TAG_TABLE)) {
        enum modbus_table kept =
            (enum modbus_table)record_field_choice(&tag_resource, old, TAG_TABLE);
        bool may_be_bits = !has_bit && (record_field_is_null(tag, TAG_TYPE) ||
                                        record_tag_choice(tag, TAG_TYPE) == TYPE_BOOL);
        if ((!clients_write || table_is_writable(kept)) && (!table_is_bits(kept) || may_be_bits))
            table = kept;
    }
    record_set_text(tag, TAG_TABLE, table_names[table]);
}

/* Converts the address to table and offset. It stays null only for a new tag on the local server,
 * for which the store allocates an address. */
static void rules_resolve_address(struct record *tag, const struct record *old, bool local,
                                  struct validation *validation, struct validation *warnings)
{
    const char *text = record_field_text(tag, TAG_ADDRESS);
    enum modbus_table table;
    uint16_t address;
    if (field_was_refused(tag, TAG_ADDRESS)) {
        rules_choose_table(tag, old, local);
        return;
    }
    if (text && modicon_parse(text, &table, &address)) {
        if (record_is_given(tag, TAG_TABLE) && record_tag_choice(tag, TAG_TABLE) >= 0 &&
            record_tag_choice(tag, TAG_TABLE) != (int)table)
            rules_add_error(validation, &tag_resource, TAG_ADDRESS, "table_mismatch",
                            "%s is in %s, but table is %s", text, table_names[table],
                            record_field_text(tag, TAG_TABLE));
        record_set_text(tag, TAG_TABLE, table_names[table]);
        tag->bad &= ~(UINT64_C(1) << TAG_TABLE);
        tag->cells[TAG_ADDRESS] = (struct cell){.kind = CELL_INTEGER, .as.integer = address};
    }
    rules_choose_table(tag, old, local);

    /* A number is an offset, even if it looks like a Modicon address. */
    int chosen = record_tag_choice(tag, TAG_TABLE);
    long long number = record_field_integer(tag, TAG_ADDRESS);
    if (record_is_given(tag, TAG_ADDRESS) && !text && warnings && chosen >= 0 &&
        modicon_looks_like((enum modbus_table)chosen, (long)number)) {
        char modicon[MODICON_SIZE];
        modicon_format((enum modbus_table)chosen, (uint16_t)number, modicon);
        rules_add_error(
            warnings, &tag_resource, TAG_ADDRESS, "looks_like_modicon",
            "%lld was taken as an offset from 0, which is %s in Modicon form; if the Modicon "
            "address is meant, %s",
            number, modicon,
            warnings->row > 0
                ? "leave the cell of the column table empty"
                : arena_format(warnings->arena, "write it as the string \"%lld\"", number));
    }
    if (record_field_is_null(tag, TAG_ADDRESS) && old)
        tag->cells[TAG_ADDRESS] = old->cells[TAG_ADDRESS];
    if (record_field_is_null(tag, TAG_ADDRESS) && !local)
        rules_add_error(validation, &tag_resource, TAG_ADDRESS, "required",
                        "is required on a Modbus server that is not the local one");
}

static bool tag_has_modicon(const struct record *tag, const char *modicon)
{
    char own[MODICON_SIZE];
    if (!record_has_value(tag, TAG_TABLE) || !record_has_value(tag, TAG_ADDRESS))
        return false;
    modicon_format((enum modbus_table)record_field_choice(&tag_resource, tag, TAG_TABLE),
                   (uint16_t)record_field_integer(tag, TAG_ADDRESS), own);
    return strcmp(own, modicon) == 0;
}

static void rules_check_table(const struct record *tag, bool local, struct validation *validation)
{
    int table = record_tag_choice(tag, TAG_TABLE), type = record_tag_choice(tag, TAG_TYPE);
    if (table < 0)
        return;
    if (table_is_bits((enum modbus_table)table)) {
        if (type >= 0 && type != TYPE_BOOL)
            rules_add_error(validation, &tag_resource, TAG_TYPE, "type_mismatch",
                            "must be bool in the table %s", table_names[table]);
        if (record_has_value(tag, TAG_BIT))
            rules_add_error(validation, &tag_resource, TAG_BIT, "type_mismatch",
                            "must be null in the table %s", table_names[table]);
    } else if (type >= 0 && type != TYPE_BOOL && record_has_value(tag, TAG_BIT)) {
        rules_add_error(validation, &tag_resource, TAG_BIT, "type_mismatch",
                        "is allowed only for the type bool");
    }
    if (type >= 0 && !type_info[type].is_byte && record_has_value(tag, TAG_BYTE))
        rules_add_error(validation, &tag_resource, TAG_BYTE, "type_mismatch",
                        "is allowed only for the types int8 and uint8");
    if (!local && !table_is_writable((enum modbus_table)table))
        rules_add_error(
            validation, &tag_resource, TAG_TABLE, "read_only_table",
            "must be coil or holding_register on a Modbus server that is not the local one");
}

static bool stale_value_fits(int type, double number)
{
    const struct type_info *info = &type_info[type];
    if (info->is_float)
        return fabs(number) <= info->max;
    /* The limits of 64 bits are stored as the next power of two, which is out of range. */
    bool below_max = info->max > 0x1p53 ? number < info->max : number <= info->max;
    return number == trunc(number) && number >= info->min && below_max;
}

/* Checks the fields that depend on the type: length, scale, offset, byte_order, on_stale. */
static void rules_check_type(const struct record *tag, struct validation *validation)
{
    int type = record_tag_choice(tag, TAG_TYPE);
    if (type < 0)
        return;
    if (!field_was_refused(tag, TAG_LENGTH)) {
        bool has_length = !record_field_is_null(tag, TAG_LENGTH);
        if (type == TYPE_STRING && !has_length)
            rules_add_error(validation, &tag_resource, TAG_LENGTH, "required",
                            "is required for the type string");
        if (type != TYPE_STRING && has_length)
            rules_add_error(validation, &tag_resource, TAG_LENGTH, "type_mismatch",
                            "is allowed only for the type string");
        int64_t width =
            type == TYPE_STRING ? record_field_integer(tag, TAG_LENGTH) : type_info[type].registers;
        if (record_has_value(tag, TAG_ADDRESS) &&
            record_field_integer(tag, TAG_ADDRESS) + width - 1 > ADDRESS_MAX)
            rules_add_error(validation, &tag_resource, TAG_ADDRESS, "out_of_range",
                            "%lld registers from this address go beyond the last one, %d",
                            (long long)width, ADDRESS_MAX);
    }

    if (type == TYPE_BOOL || type == TYPE_STRING) {
        if (record_has_value(tag, TAG_SCALE) && record_field_real(tag, TAG_SCALE) != 1)
            rules_add_error(validation, &tag_resource, TAG_SCALE, "type_mismatch",
                            "is not allowed for the type %s", type_names[type]);
        if (record_has_value(tag, TAG_OFFSET) && record_field_real(tag, TAG_OFFSET) != 0)
            rules_add_error(validation, &tag_resource, TAG_OFFSET, "type_mismatch",
                            "is not allowed for the type %s", type_names[type]);
    }

    if (type_info[type].registers != 4 &&
        record_tag_choice(tag, TAG_BYTE_ORDER) >= (int)ORDER_OF_EIGHT_BYTES)
        rules_add_error(validation, &tag_resource, TAG_BYTE_ORDER, "type_mismatch",
                        "has the eight letters of a value of 64 bits; must be ABCD, CDAB, BADC or "
                        "DCBA for the type %s",
                        type_names[type]);

    if (!record_has_value(tag, TAG_ON_STALE))
        return;
    const char *on_stale = record_field_text(tag, TAG_ON_STALE);
    bool is_nan = strcmp(on_stale, "nan") == 0;
    if (type == TYPE_STRING)
        rules_add_error(validation, &tag_resource, TAG_ON_STALE, "type_mismatch",
                        "must be null for the type string");
    else if (is_nan && !type_info[type].is_float)
        rules_add_error(validation, &tag_resource, TAG_ON_STALE, "type_mismatch",
                        "can be \"nan\" only for float32 and float64");
    else if (!is_nan && !stale_value_fits(type, strtod(on_stale, NULL)))
        rules_add_error(validation, &tag_resource, TAG_ON_STALE, "out_of_range",
                        "must be a register value of the type %s", type_names[type]);
}

/* True when the registers can hold each number exactly: written and read back, it is the same. Also
 * true for a tag with other errors, whose registers are not known. */
static bool value_map_round_trips(const struct record *tag, const cJSON *map)
{
    if (tag->bad || record_tag_choice(tag, TAG_TABLE) < 0 || record_tag_choice(tag, TAG_TYPE) < 0 ||
        record_tag_choice(tag, TAG_TYPE) == TYPE_STRING)
        return true;
    const struct point whole = record_tag_point(tag), point = point_of_content(&whole);
    const cJSON *entry;
    cJSON_ArrayForEach(entry, map)
    {
        struct scalar scalar = {.kind = SCALAR_NUMBER, .number = entry->valuedouble};
        struct codec_registers registers;
        struct value value;
        char digits[VALUE_TEXT_SIZE], text[CODEC_TEXT_SIZE];
        if (value_read_scalar(&scalar, (enum value_type)point.type, NULL, digits, &value) !=
                FAULT_NONE ||
            codec_encode(&point, &value, &registers) != FAULT_NONE)
            return false;
        codec_decode(&point, registers.words, text, &value);
        if (value_to_double(&value) != entry->valuedouble)
            return false;
    }
    return true;
}

/* Checks the fields that a tag needs if SCADA may write its registers. */
static void rules_check_direction(const struct record *tag, struct validation *validation)
{
    int direction = record_tag_choice(tag, TAG_DIRECTION),
        table = record_tag_choice(tag, TAG_TABLE);
    if (!direction_has_commands(direction))
        return;
    if (table >= 0 && !table_is_writable((enum modbus_table)table))
        rules_add_error(validation, &tag_resource, TAG_DIRECTION, "read_only_table",
                        "%s needs a table that a Modbus client can write, coil or holding_register",
                        direction_names[direction]);
    if (record_field_is_null(tag, TAG_COMMAND_TOPIC) &&
        !field_was_refused(tag, TAG_COMMAND_TOPIC) &&
        record_tag_choice(tag, TAG_PAYLOAD) != PAYLOAD_SPARKPLUG)
        rules_add_error(validation, &tag_resource, TAG_COMMAND_TOPIC, "required",
                        "is required for direction %s", direction_names[direction]);
    if (!record_has_value(tag, TAG_VALUES))
        return;
    cJSON *map = cJSON_Parse(record_field_text(tag, TAG_VALUES));
    bool is_distinct = true;
    const cJSON *a, *b;
    cJSON_ArrayForEach(a, map)
    {
        for (b = a->next; b; b = b->next)
            is_distinct = is_distinct && a->valuedouble != b->valuedouble;
    }
    if (!is_distinct)
        rules_add_error(validation, &tag_resource, TAG_VALUES, "not_reversible",
                        "must have a different number for each string if direction is %s",
                        direction_names[direction]);
    else if (!value_map_round_trips(tag, map))
        rules_add_error(validation, &tag_resource, TAG_VALUES, "not_reversible",
                        "must have only numbers that the registers can hold exactly if direction "
                        "is %s, such as "
                        "0 and 1 for the type bool",
                        direction_names[direction]);
    cJSON_Delete(map);
}

/* A metric of Sparkplug has a name, and a command of it neither a template nor is it retained. */
static void rules_check_metric(const struct record *tag, struct validation *validation)
{
    if (record_tag_choice(tag, TAG_PAYLOAD) != PAYLOAD_SPARKPLUG)
        return;
    if (record_has_value(tag, TAG_KEY) && record_field_text(tag, TAG_KEY)[0] == '\0')
        rules_add_error(validation, &tag_resource, TAG_KEY, "required",
                        "must be the name of the metric with the payload sparkplug");
    if (record_has_value(tag, TAG_COMMAND_TEMPLATE))
        rules_add_error(validation, &tag_resource, TAG_COMMAND_TEMPLATE, "type_mismatch",
                        "must be null with the payload sparkplug, which has a form of its own");
    if (record_has_value(tag, TAG_COMMAND_RETAIN) &&
        record_field_integer(tag, TAG_COMMAND_RETAIN) != 0)
        rules_add_error(validation, &tag_resource, TAG_COMMAND_RETAIN, "type_mismatch",
                        "must be false with the payload sparkplug: a retained command would be "
                        "repeated with each new connection of the edge node");
}

static const char sparkplug_topic_advice[] =
    "is not spBv1.0/GROUP/+/NODE or spBv1.0/GROUP/+/NODE/DEVICE";

/* True when births and deaths of this topic are known. */
static bool topic_has_births(const char *topic)
{
    struct sparkplug_topic family;
    return sparkplug_topic_read_family(topic, &family);
}

void rules_check_tag_sparkplug(const struct record *tag, const struct record *device,
                               struct validation *validation, struct validation *warnings)
{
    bool is_own = record_has_value(tag, TAG_TOPIC);
    if (record_tag_choice(tag, TAG_PAYLOAD) != PAYLOAD_SPARKPLUG ||
        field_was_refused(tag, TAG_TOPIC) || !record_has_value(device, DEVICE_TOPIC))
        return;
    const char *topic =
        is_own ? record_field_text(tag, TAG_TOPIC) : record_field_text(device, DEVICE_TOPIC);
    if (topic_has_births(topic))
        return;
    int direction = record_tag_choice(tag, TAG_DIRECTION);
    if (direction_has_commands(direction) && record_field_is_null(tag, TAG_COMMAND_TOPIC))
        rules_add_error(validation, &tag_resource, TAG_COMMAND_TOPIC, "required",
                        "is required, because the %s %s", is_own ? "topic" : "device's topic",
                        sparkplug_topic_advice);
    if (warnings)
        rules_add_error(warnings, &tag_resource, TAG_TOPIC, "no_births",
                        "the %s %s: metrics are found by name only, and deaths are not noticed",
                        is_own ? "topic" : "device's topic", sparkplug_topic_advice);
}

void rules_warn_device_sparkplug(const struct record *device, const char *tag,
                                 struct validation *warnings)
{
    if (tag && record_has_value(device, DEVICE_TOPIC) &&
        !topic_has_births(record_field_text(device, DEVICE_TOPIC)))
        rules_add_error(warnings, &device_resource, DEVICE_TOPIC, "no_births",
                        "%s, which the tag %s needs: metrics are found by name only, and deaths "
                        "are not noticed",
                        sparkplug_topic_advice, tag);
}

static void rules_check_quality_key(const struct record *tag, struct validation *validation)
{
    if (!record_has_value(tag, TAG_QUALITY_KEY))
        return;
    bool is_relative = strncmp(record_field_text(tag, TAG_QUALITY_KEY), "./", 2) == 0;
    int payload = record_tag_choice(tag, TAG_PAYLOAD);
    if (payload >= 0 && payload != PAYLOAD_JSON)
        rules_add_error(validation, &tag_resource, TAG_QUALITY_KEY, "type_mismatch",
                        "must be null if payload is %s: it is the key of a member of JSON",
                        payload_names[payload]);
    else if (is_relative && record_has_value(tag, TAG_KEY) &&
             record_field_text(tag, TAG_KEY)[0] == '\0')
        rules_add_error(validation, &tag_resource, TAG_QUALITY_KEY, "type_mismatch",
                        "cannot begin with './' if key is \"\", which means the whole payload: it "
                        "has no parent; write a member's name or a JSON Pointer such as \"/q\"");
}

void rules_apply_to_tag(struct record *tag, const struct record *old, bool local,
                        struct validation *validation, struct validation *warnings)
{
    rules_check_required(&tag_resource, tag, validation);
    rules_resolve_address(tag, old, local, validation, warnings);

    /* The Modicon form follows from table and address. A client that reads a tag, changes one of
     * these and sends the tag back sends the old form: that is accepted. */
    if (tag->modicon && !field_was_refused(tag, TAG_TABLE) &&
        !field_was_refused(tag, TAG_ADDRESS) && !tag_has_modicon(tag, tag->modicon) &&
        !(old && tag_has_modicon(old, tag->modicon)))
        validation_add(validation, "modbus", "modicon", "read_only",
                       "follows from table and address and cannot be set; set address to the "
                       "Modicon form, as a string, instead");

    /* Key and type have defaults that depend on other fields. */
    int table = record_tag_choice(tag, TAG_TABLE);
    if (record_field_is_null(tag, TAG_KEY) && !field_was_refused(tag, TAG_KEY))
        tag->cells[TAG_KEY] = tag->cells[TAG_NAME];
    if (record_field_is_null(tag, TAG_TYPE) && !field_was_refused(tag, TAG_TYPE) && table >= 0)
        record_set_text(
            tag, TAG_TYPE,
            type_names[table_is_bits((enum modbus_table)table) ? TYPE_BOOL : TYPE_FLOAT32]);

    rules_check_quality_key(tag, validation);
    rules_check_table(tag, local, validation);
    rules_check_type(tag, validation);
    rules_check_direction(tag, validation);
    rules_check_metric(tag, validation);
    rules_check_expiry(tag, local, validation);
    rules_check_change(tag, local, validation);
    rules_check_write_limits(tag, local, validation);
    rules_check_own_value(tag, validation);
    if (record_tag_choice(tag, TAG_PAYLOAD) == PAYLOAD_TEXT && record_has_value(tag, TAG_KEY) &&
        record_field_text(tag, TAG_KEY)[0] != '\0')
        rules_add_error(validation, &tag_resource, TAG_PAYLOAD, "type_mismatch",
                        "can be text only if key is \"\", which means the whole payload");
}

static bool device_can_be_stale(const struct record *device)
{
    return record_field_integer(device, DEVICE_STALE_AFTER_S) > 0 ||
           !record_field_is_null(device, DEVICE_AVAILABILITY_TOPIC);
}

void rules_warn_tag_stale(const struct record *tag, const struct record *device,
                          struct validation *warnings)
{
    bool by_null = record_tag_choice(tag, TAG_ON_NULL) == NULL_STALE;
    if (record_field_is_null(tag, TAG_ON_STALE) && by_null)
        rules_add_error(warnings, &tag_resource, TAG_ON_NULL, "no_effect",
                        "has no effect while on_stale is null");
    if (!record_field_is_null(tag, TAG_ON_STALE) && !by_null && !device_can_be_stale(device))
        rules_add_error(
            warnings, &tag_resource, TAG_ON_STALE, "no_trigger",
            "is written only when the broker is lost: set stale_after_s or availability_topic in "
            "the device's mqtt, or on_null to \"stale\"");
}

void rules_warn_device_stale(const struct record *device, const char *tag,
                             struct validation *warnings)
{
    if (tag && !device_can_be_stale(device))
        rules_add_error(
            warnings, &device_resource, DEVICE_STALE_AFTER_S, "no_trigger",
            "with 0 here and no availability_topic, on_stale of the tag %s is written only when "
            "the broker is lost",
            tag);
}

static uint8_t cell_read_on_stale(const struct cell *cell, double *raw)
{
    if (cell->kind == CELL_NULL)
        return STALE_HOLD;
    if (strcmp(cell->as.text, "nan") == 0)
        return STALE_NAN;
    *raw = strtod(cell->as.text, NULL);
    return STALE_RAW;
}

/* Conversion of a cell to a member of struct point, by the kind of the field. */
#define FROM_CHOICE(names) (uint8_t) name_list_find(names, cell->as.text)
#define FROM_U16           (uint16_t)(cell->kind == CELL_INTEGER ? cell->as.integer : 0)
#define FROM_ADDRESS       FROM_U16
#define FROM_BIT           (int8_t)(cell->kind == CELL_INTEGER ? cell->as.integer : NO_BIT)
#define FROM_BYTE          (uint8_t)(cell->kind == CELL_TEXT ? FROM_CHOICE(byte_names) : BYTE_LOW)
#define FROM_REAL(check)   cell->kind == CELL_REAL ? cell->as.real : 0
#define FROM_ON_STALE      cell_read_on_stale(cell, &point.stale_raw)

#define CELL_TO_POINT(id, member, place, kind, ...)                                                \
    cell = &tag->cells[id];                                                                        \
    point.place = FROM_##kind;
#define CELL_SKIP(...)

struct point record_tag_point(const struct record *tag)
{
    struct point point = {0};
    const struct cell *cell;
    TAG_FIELD_LIST(CELL_SKIP, CELL_SKIP, CELL_TO_POINT)
    return point;
}

struct value_map record_tag_values(const struct record *tag, struct arena *arena)
{
    const char *values = record_field_text(tag, TAG_VALUES);
    cJSON *tree = values ? cJSON_Parse(values) : NULL;
    size_t count = tree ? (size_t)cJSON_GetArraySize(tree) : 0;
    struct value_map_entry *entries = arena_alloc(arena, (count + 1) * sizeof *entries);
    struct value_map map = {.entries = entries};
    const cJSON *entry;
    cJSON_ArrayForEach(entry, tree)
    {
        entries[map.count++] = (struct value_map_entry){.text = arena_strdup(arena, entry->string),
                                                        .number = entry->valuedouble};
    }
    cJSON_Delete(tree);
    value_map_sort(entries, map.count);
    return map;
}
