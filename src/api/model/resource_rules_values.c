/* Rules of values that the settings give: of setpoints that expire, constants and companions. */
#include <cjson/cJSON.h>
#include <string.h>

#include "api/model/record_json.h"
#include "api/model/resource_rules_internal.h"
#include "common/model/codec.h"

/* Encodes a value of the settings, expire_value or constant, as it will be written. FAULT_NONE also
 * for a tag with other errors, whose registers are not known. */
static enum fault rules_try_value(const struct record *tag, size_t field, bool is_command,
                                  struct arena *arena)
{
    if (tag->bad || record_tag_choice(tag, TAG_TABLE) < 0 || record_tag_choice(tag, TAG_TYPE) < 0)
        return FAULT_NONE;
    const struct point point = record_tag_point(tag);
    const struct value_map map = record_tag_values(tag, arena);
    struct codec_registers registers;
    if (point.type == TYPE_STRING && point.length == 0)
        return FAULT_NONE;
    cJSON *item = cJSON_Parse(record_field_text(tag, field));
    const struct scalar scalar = scalar_from_json(item);
    enum fault fault = codec_encode_given(&point, &map, is_command, &scalar, &registers);
    cJSON_Delete(item);
    return fault;
}

void rules_check_expiry(const struct record *tag, bool local, struct validation *validation)
{
    int direction = record_tag_choice(tag, TAG_DIRECTION);
    bool expires =
        record_has_value(tag, TAG_EXPIRES_S) && record_field_integer(tag, TAG_EXPIRES_S) > 0;
    bool has_value = record_has_value(tag, TAG_EXPIRE_VALUE);
    if (direction == TO_MODBUS && expires)
        rules_add_error(validation, &tag_resource, TAG_EXPIRES_S, "type_mismatch",
                        "must be 0 for direction to_modbus: only values that SCADA writes expire; "
                        "for those of devices the device has stale_after_s");
    else if (direction_is_own(direction) && expires)
        rules_add_error(validation, &tag_resource, TAG_EXPIRES_S, "type_mismatch",
                        "must be 0 for direction %s: only values that SCADA writes expire",
                        direction_names[direction]);
    else if (expires && !local)
        rules_add_error(validation, &tag_resource, TAG_EXPIRES_S, "local_only",
                        "must be 0 on a Modbus server that is not the local one: it does not tell "
                        "when SCADA writes the same value again");
    if (!has_value)
        return;
    if (direction >= 0 && !direction_has_commands(direction)) {
        rules_add_error(validation, &tag_resource, TAG_EXPIRE_VALUE, "type_mismatch",
                        "must be null for direction %s: only values that SCADA writes expire",
                        direction_names[direction]);
        return;
    }
    enum fault fault = rules_try_value(tag, TAG_EXPIRE_VALUE, true, validation->arena);
    if (fault != FAULT_NONE)
        rules_add_error(validation, &tag_resource, TAG_EXPIRE_VALUE, fault_names[fault],
                        "is not a value that can be written to this tag: its type is %s%s",
                        record_field_text(tag, TAG_TYPE),
                        fault == FAULT_UNMAPPED_NUMBER || fault == FAULT_UNMAPPED_STRING
                            ? ", and mqtt.values has no entry for it"
                            : "");
}

static bool tag_is_positive(const struct record *tag, size_t field)
{
    return record_has_value(tag, field) &&
           (record_field_real(tag, field) > 0 || record_field_integer(tag, field) > 0);
}

static bool tag_has_choice(const struct record *tag, size_t field, const char *choice)
{
    return record_has_value(tag, field) && strcmp(record_field_text(tag, field), choice) == 0;
}

bool rules_tag_needs_foreign(const struct record *tag)
{
#define NUMBER(field, column) || tag_is_positive(tag, field)
#define CHOSEN(field, column, other, other_column, choice)                                         \
    || (tag_is_positive(tag, field) && tag_has_choice(tag, other, choice))
    return false RULES_FOREIGN_NUMBERS(NUMBER, CHOSEN);
#undef NUMBER
#undef CHOSEN
}

void rules_check_change(const struct record *tag, bool local, struct validation *validation)
{
    int direction = record_tag_choice(tag, TAG_DIRECTION), type = record_tag_choice(tag, TAG_TYPE);
    int command_on = record_tag_choice(tag, TAG_COMMAND_ON);
    bool has_change = tag_is_positive(tag, TAG_MIN_CHANGE);
    const struct {
        size_t field;
        const char *neutral;
        bool is_set;
    } members[] = {
        {TAG_COMMAND_ON, "write", command_on == COMMAND_ON_CHANGE},
        {TAG_MIN_INTERVAL_MS, "0", tag_is_positive(tag, TAG_MIN_INTERVAL_MS)},
        {TAG_MIN_CHANGE, "0", has_change},
    };
    bool has_commands = direction < 0 || direction_has_commands(direction);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (members[i].is_set && !has_commands)
            rules_add_error(validation, &tag_resource, members[i].field, "type_mismatch",
                            "must be %s for direction %s, which has no commands",
                            members[i].neutral, direction_names[direction]);
    }
    if (!has_change || !has_commands)
        return;
    if (type == TYPE_BOOL || type == TYPE_STRING)
        rules_add_error(validation, &tag_resource, TAG_MIN_CHANGE, "type_mismatch",
                        "must be 0 for type %s: only numbers have a distance", type_names[type]);
    else if (local && command_on == COMMAND_ON_WRITE)
        rules_add_error(validation, &tag_resource, TAG_MIN_CHANGE, "type_mismatch",
                        "must be 0 with command_on write, which publishes each write on the local "
                        "server; it needs command_on change");
}

void rules_check_write_limits(const struct record *tag, bool local, struct validation *validation)
{
    int direction = record_tag_choice(tag, TAG_DIRECTION), type = record_tag_choice(tag, TAG_TYPE);
    const struct {
        size_t field;
        bool is_set;
    } members[] = {{TAG_WRITE_CHANGE, tag_is_positive(tag, TAG_WRITE_CHANGE)},
                   {TAG_WRITE_INTERVAL_MS, tag_is_positive(tag, TAG_WRITE_INTERVAL_MS)}};
    bool has_messages = direction < 0 || direction_has_messages(direction);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (members[i].is_set && !has_messages)
            rules_add_error(validation, &tag_resource, members[i].field, "type_mismatch",
                            "must be 0 for direction %s, which writes no values of messages",
                            direction_names[direction]);
        else if (members[i].is_set && local)
            rules_add_error(validation, &tag_resource, members[i].field, "foreign_only",
                            "must be 0 on the local Modbus server, which takes each value at once: "
                            "it limits writes to slow foreign servers");
    }
    if (members[0].is_set && has_messages && !local && (type == TYPE_BOOL || type == TYPE_STRING))
        rules_add_error(validation, &tag_resource, TAG_WRITE_CHANGE, "type_mismatch",
                        "must be 0 for type %s: only numbers have a distance", type_names[type]);
}

/* A tag whose value Tagferry sets has neither messages nor commands. */
static void rules_check_unused(const struct record *tag, struct validation *validation)
{
    static const size_t unused[] = {
        TAG_TOPIC,   TAG_VALUES,      TAG_COMMAND_TOPIC, TAG_COMMAND_TEMPLATE,
        TAG_PATTERN, TAG_QUALITY_KEY, TAG_ON_STALE};
    int direction = record_tag_choice(tag, TAG_DIRECTION);
    for (size_t i = 0; direction_is_own(direction) && i < sizeof unused / sizeof unused[0]; i++) {
        if (record_has_value(tag, unused[i]))
            rules_add_error(validation, &tag_resource, unused[i], "type_mismatch",
                            "must be null for direction %s, which has no messages",
                            direction_names[direction]);
    }
}

static void rules_check_constant(const struct record *tag, struct validation *validation)
{
    int direction = record_tag_choice(tag, TAG_DIRECTION);
    bool has_value = record_has_value(tag, TAG_CONSTANT);
    if (direction >= 0 && direction != CONSTANT && has_value)
        rules_add_error(validation, &tag_resource, TAG_CONSTANT, "type_mismatch",
                        "must be null for direction %s; a tag with a constant has the direction "
                        "constant",
                        direction_names[direction]);
    if (direction != CONSTANT)
        return;
    if (!has_value && !field_was_refused(tag, TAG_CONSTANT))
        rules_add_error(validation, &tag_resource, TAG_CONSTANT, "required",
                        "is required for direction constant: the value of the registers");
    if (!has_value)
        return;
    enum fault fault = rules_try_value(tag, TAG_CONSTANT, false, validation->arena);
    if (fault != FAULT_NONE)
        rules_add_error(validation, &tag_resource, TAG_CONSTANT, fault_names[fault],
                        "is not a value that can be written to this tag: its type is %s",
                        record_field_text(tag, TAG_TYPE));
}

static void rules_check_companion(const struct record *tag, struct validation *validation)
{
    int direction = record_tag_choice(tag, TAG_DIRECTION), type = record_tag_choice(tag, TAG_TYPE);
    int companion = record_tag_choice(tag, TAG_COMPANION);
    bool has_other = record_has_value(tag, TAG_COMPANION_OF);
    if (direction >= 0 && direction != COMPANION) {
        if (companion > COMPANION_NONE)
            rules_add_error(validation, &tag_resource, TAG_COMPANION, "type_mismatch",
                            "must be none for direction %s", direction_names[direction]);
        if (has_other)
            rules_add_error(validation, &tag_resource, TAG_COMPANION_OF, "type_mismatch",
                            "must be null for direction %s", direction_names[direction]);
    }
    if (direction != COMPANION)
        return;
    if (companion == COMPANION_NONE)
        rules_add_error(validation, &tag_resource, TAG_COMPANION, "required",
                        "is required for direction companion: quality, age_s, time_s or time_ms");
    if (!has_other && !field_was_refused(tag, TAG_COMPANION_OF))
        rules_add_error(validation, &tag_resource, TAG_COMPANION_OF, "required",
                        "is required for direction companion: the name of a tag of the device");
    else if (has_other && record_has_value(tag, TAG_NAME) &&
             strcmp(record_field_text(tag, TAG_COMPANION_OF), record_field_text(tag, TAG_NAME)) ==
                 0)
        rules_add_error(validation, &tag_resource, TAG_COMPANION_OF, "out_of_range",
                        "must name another tag of the device");
    if (type == TYPE_BOOL || type == TYPE_STRING)
        rules_add_error(validation, &tag_resource, TAG_TYPE, "type_mismatch",
                        "must be a number for direction companion");
}

void rules_check_own_value(const struct record *tag, struct validation *validation)
{
    rules_check_unused(tag, validation);
    rules_check_constant(tag, validation);
    rules_check_companion(tag, validation);
}

void rules_warn_tag_expiry(const struct record *tag, struct validation *warnings)
{
    if (record_has_value(tag, TAG_EXPIRE_VALUE) && record_has_value(tag, TAG_EXPIRES_S) &&
        record_field_integer(tag, TAG_EXPIRES_S) == 0)
        rules_add_error(warnings, &tag_resource, TAG_EXPIRE_VALUE, "no_effect",
                        "has no effect while expires_s is 0");
}
