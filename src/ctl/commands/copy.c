/* copy: more devices like one, with their tags. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/tag.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/client/problem.h"
#include "ctl/commands/change_commands.h"
#include "ctl/commands/difference.h"
#include "ctl/commands/object.h"
#include "ctl/commands/output.h"
#include "ctl/members/member_value.h"

enum { STRIDE_MAX = 65535 };

/* The part of a flag's value before "=", with the rest in *text; NULL without it. */
static const char *copy_split_value(const char *value, const char **text)
{
    const char *equals = strchr(value, '=');
    if (!equals || equals == value)
        return NULL;
    *text = equals + 1;
    return keep_bytes(value, (size_t)(equals - value));
}

/* Adds --stride TABLE=N. */
static enum ctl_status copy_add_strides(const struct ctl *ctl, cJSON *body)
{
    const char *const *value = ctl->flags[FLAG_STRIDE];
    cJSON *strides = value ? cJSON_AddObjectToObject(body, "stride") : NULL;
    for (; value && *value; value++) {
        const char *number = "", *table = copy_split_value(*value, &number);
        char *end = NULL;
        long stride = strtol(number, &end, 10);
        if (!table || name_list_find(table_names, table) < 0 || end == number || *end ||
            stride < 1 || stride > STRIDE_MAX)
            return ctl_print_usage_error(ctl,
                                         "--stride %s: it must be TABLE=N, such as "
                                         "input_register=100; the tables are coil, "
                                         "discrete_input, input_register and holding_register",
                                         *value);
        cJSON_AddNumberToObject(strides, table, (double)stride);
    }
    return CTL_DONE;
}

/* Adds what differs in the one copy that is made. */
static enum ctl_status copy_read_flags(const struct ctl *ctl, cJSON *copy)
{
    static const struct {
        enum flag flag;
        const char *member;
    } texts[] = {{FLAG_TOPIC, "topic"}, {FLAG_LABEL, "label"}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (ctl_has_flag(ctl, texts[i].flag))
            cJSON_AddStringToObject(copy, texts[i].member, ctl_flag_value(ctl, texts[i].flag));
    }
    long unit = -1;
    if (!ctl_flag_number(ctl, FLAG_UNIT, 0, 255, &unit))
        return CTL_USAGE;
    if (unit >= 0)
        cJSON_AddNumberToObject(copy, "unit_id", (double)unit);
    const char *const *param = ctl->flags[FLAG_PARAM];
    cJSON *params = param ? cJSON_AddObjectToObject(copy, "params") : NULL;
    for (; param && *param; param++) {
        const char *text = "", *name = copy_split_value(*param, &text);
        if (!name)
            return ctl_print_usage_error(ctl, "--param %s: it must be NAME=VALUE", *param);
        cJSON_AddItemToObject(params, name, member_value_read_scalar(text));
    }
    const char *where = ctl_flag_value(ctl, FLAG_WHERE);
    cJSON *object = where ? cJSON_ParseWithOpts(where, NULL, 1) : NULL;
    if (cJSON_IsObject(object)) {
        cJSON_AddItemToObject(copy, "where", object);
        return CTL_DONE;
    }
    cJSON_Delete(object);
    return where ? ctl_print_usage_error(ctl,
                                         "--where %s: it must be a JSON object, in the quotes of "
                                         "the shell: '{\"id\": 38}'",
                                         where)
                 : CTL_DONE;
}

static enum ctl_status copy_read_body(const struct ctl *ctl, cJSON *body)
{
    static const enum flag own[] = {FLAG_TOPIC, FLAG_LABEL, FLAG_UNIT, FLAG_PARAM, FLAG_WHERE};
    cJSON *copies = cJSON_AddArrayToObject(body, "copies");
    for (size_t i = 0; i < sizeof own / sizeof own[0] && ctl->operand_count > 2; i++) {
        if (ctl_has_flag(ctl, own[i]))
            return ctl_print_usage_error(
                ctl, "--%s belongs to one copy, but there are %zu new names: make them one by one",
                flag_rows[own[i]].name, ctl->operand_count - 1);
    }
    for (size_t i = 1; i < ctl->operand_count; i++) {
        struct object device;
        if (!object_read(ctl, ctl->operands[i], OBJECT_DEVICE, &device))
            return CTL_USAGE;
        cJSON *copy = cJSON_CreateObject();
        cJSON_AddItemToArray(copies, copy);
        cJSON_AddStringToObject(copy, "name", device.name);
        if (copy_read_flags(ctl, copy) != CTL_DONE)
            return CTL_USAGE;
    }
    return copy_add_strides(ctl, body);
}

/* Where the tags of a device begin in each table: "input_register from 24, coil from 3". */
static const char *copy_addresses_text(const cJSON *device)
{
    const char *text = "";
    for (size_t table = 0; table < TABLE_COUNT; table++) {
        const cJSON *tag;
        double first = -1;
        cJSON_ArrayForEach(tag, json_read_array(device, "tags"))
        {
            double address = json_read_number(tag, "modbus.address");
            if (strcmp(json_read_text(tag, "modbus.table"), table_names[table]) == 0 &&
                (first < 0 || address < first))
                first = address;
        }
        if (first >= 0)
            text = keep_format("%s, %s from %.0f", text, table_names[table], first);
    }
    return text;
}

static void copy_print(const struct ctl *ctl, const cJSON *answer)
{
    static const struct table_column columns[] = {
        {.name = "device"},         {.name = "name"},           {.name = "modbus.table"},
        {.name = "modbus.address"}, {.name = "modbus.modicon"}, {.name = "modbus.type"},
        {.name = "mqtt.key"}};
    const char *verb = json_read_bool(answer, "dry_run") ? "would be created" : "created";
    const cJSON *device, *tag;
    struct table table;
    TABLE_INIT(&table, columns);
    cJSON_ArrayForEach(device, json_read_array(answer, "devices"))
    {
        const cJSON *tags = json_read_array(device, "tags");
        int count = cJSON_GetArraySize(tags);
        cJSON_ArrayForEach(tag, tags)
        {
            struct table_cell *row = table_add_row(&table);
            output_fill_row(&table, row, tag);
            row[0].text = json_read_text(device, "name");
        }
        if (ctl->terminal.format == OUTPUT_TABLE)
            text_print_line(stdout,
                            keep_format("%s %s: topic %s, unit %s, %d tag%s%s",
                                        json_read_text(device, "name"), verb,
                                        json_read_text(device, "mqtt.topic"),
                                        json_read_text(device, "network.unit_id"), count,
                                        count == 1 ? "" : "s", copy_addresses_text(device)));
    }
    if (ctl->terminal.format == OUTPUT_CSV)
        table_print(&table, &ctl->terminal);
}

enum ctl_status copy_run(struct ctl *ctl)
{
    struct object device;
    struct client_reply reply;
    if (!object_read(ctl, ctl->operands[0], OBJECT_DEVICE, &device))
        return CTL_USAGE;
    cJSON *body = cJSON_CreateObject();
    enum ctl_status status = copy_read_body(ctl, body);
    const char *json = json_value_json(body);
    cJSON_Delete(body);
    if (status != CTL_DONE)
        return status;
    const struct client_request request = {.path = client_path("/devices/{}/copy", device.name),
                                           .query = ctl_has_flag(ctl, FLAG_DRY_RUN) ? "dry_run=true"
                                                                                    : NULL,
                                           .body = json,
                                           .len = strlen(json),
                                           .takes_long = true};
    status = client_send_checked(ctl->client, &request, &reply,
                                 keep_format("a copy of %s", device.name));
    if (status == CTL_REFUSED && problem_has_code(&reply, "required") &&
        !ctl_has_flag(ctl, FLAG_TOPIC))
        fputs("  --topic names the topic of one copy.\n", stderr);
    if (status != CTL_DONE)
        return status;
    if (ctl->terminal.format == OUTPUT_JSON)
        output_print_json(reply.body);
    else
        copy_print(ctl, reply.json);
    warnings_print(reply.json);
    return CTL_DONE;
}
