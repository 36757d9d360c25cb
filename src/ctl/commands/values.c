/* value: what tags have now. */
#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/object.h"
#include "ctl/commands/output.h"

/* Values, and for each the tag: units and tables. */
struct value_list {
    struct pages values;
    const cJSON **tags; /* NULL: not needed */
    enum ctl_status status;
};

static const cJSON *value_find_tag(const struct pages *tags, const cJSON *value, size_t *from)
{
    const char *device = json_read_text(value, "device"), *tag = json_read_text(value, "tag");
    for (size_t n = 0; n < tags->count; n++, *from = (*from + 1) % tags->count) {
        const cJSON *item = tags->items[*from];
        if (strcmp(json_read_text(item, "name"), tag) == 0 &&
            strcmp(json_read_text(item, "device"), device) == 0)
            return item;
    }
    return NULL;
}

static void value_append(const struct ctl *ctl, struct value_list *list, const struct pages *values,
                         const struct pages *tags)
{
    size_t first = list->values.count, from = 0;
    pages_append(&list->values, values);
    if (ctl->terminal.format == OUTPUT_JSON)
        return;
    list->tags = keep_resize(list->tags, list->values.count * sizeof *list->tags);
    for (size_t i = first; i < list->values.count; i++)
        list->tags[i] = value_find_tag(tags, list->values.items[i], &from);
}

/* The values of these devices, or of all. */
static enum ctl_status value_get_list(const struct ctl *ctl, const char *const *devices,
                                      struct value_list *list)
{
    struct pages values, tags = {0};
    const char *query = output_list_query(ctl);
    enum ctl_status status =
        output_get_pages(ctl, "/values", query, devices, "the values", &values);
    if (status == CTL_DONE && ctl->terminal.format != OUTPUT_JSON)
        status = output_get_pages(ctl, "/tags", query, devices, "the tags", &tags);
    if (status == CTL_DONE)
        value_append(ctl, list, &values, &tags);
    return status;
}

/* The value of one tag. `body` becomes the answer. */
static enum ctl_status value_get_tag(const struct ctl *ctl, const struct object *object,
                                     struct value_list *list, const char **body)
{
    struct client_reply value, tag;
    const struct client_request ask_value = {.path = keep_format("%s/value", object->path)};
    const struct client_request ask_tag = {.path = object->path};
    struct pages values = {.count = 1, .total = 1, .next = "null"}, tags = {.count = 1};
    enum ctl_status status = client_send_checked(ctl->client, &ask_value, &value, object->text);
    if (status == CTL_DONE && ctl->terminal.format != OUTPUT_JSON) {
        status = client_send_checked(ctl->client, &ask_tag, &tag, object->text);
    }
    if (status != CTL_DONE)
        return status;
    const cJSON *items[] = {value.json, ctl->terminal.format != OUTPUT_JSON ? tag.json : NULL};
    values.items = &items[0];
    tags.items = &items[1];
    *body = value.body;
    values.json = keep_format("{\"items\":[%s]}", value.body);
    value_append(ctl, list, &values, &tags);
    return CTL_DONE;
}

/* The registers in hex, or the bit. */
static const char *value_raw_text(const cJSON *value, const cJSON *tag)
{
    const cJSON *raw = json_read_array(value, "raw"), *one;
    const char *table = json_read_text(tag, "modbus.table"), *text = "";
    bool is_bit = strcmp(table, "coil") == 0 || strcmp(table, "discrete_input") == 0;
    cJSON_ArrayForEach(one, raw)
    {
        if (cJSON_IsNumber(one))
            text = keep_format(is_bit ? "%s%s%d" : "%s%s%04X", text, text[0] ? " " : "",
                               one->valueint & 0xffff);
    }
    return text;
}

static void value_print_table(const struct ctl *ctl, const struct value_list *list)
{
    static const struct table_column columns[] = {
        {.title = "TAG", .name = "device"},
        {.name = "tag", .in_csv_only = true},
        {.title = "VALUE", .name = "value", .is_number = true},
        {.title = "UNIT", .name = "unit", .if_any = true},
        {.title = "QUALITY", .name = "quality"},
        {.title = "AGE", .name = "age_ms", .is_number = true},
        {.title = "REASON", .name = "reason", .is_long = true, .if_any = true},
        {.title = "REGISTERS", .name = "raw", .drop = 1},
        {.name = "received_at", .in_csv_only = true},
        {.name = "written_at", .in_csv_only = true},
        {.name = "messages", .in_csv_only = true},
        {.name = "rejects", .in_csv_only = true},
        {.name = "last_error.code", .in_csv_only = true},
        {.name = "last_error.detail", .in_csv_only = true},
    };
    enum { TAG, NAME, VALUE, UNIT, QUALITY, AGE, REASON, RAW };
    struct table table;
    TABLE_INIT(&table, columns);
    for (size_t i = 0; i < list->values.count; i++) {
        const cJSON *value = list->values.items[i];
        struct table_cell *row = table_add_row(&table);
        output_fill_row(&table, row, value);
        row[UNIT].text = json_read_text(list->tags[i], "unit");
        if (ctl->terminal.format == OUTPUT_CSV)
            continue;
        row[TAG].text = keep_format("%s/%s", row[TAG].text, row[NAME].text);
        row[QUALITY].style = terminal_quality_style(row[QUALITY].text);
        row[AGE].text = output_duration_text(ctl, json_read_member(value, "age_ms"));
        row[RAW].text = value_raw_text(value, list->tags[i]);
        const char *error = output_error_text(json_read_member(value, "last_error"));
        if (error[0] && row[REASON].text[0])
            row[REASON].text = keep_format("%s: %s", row[REASON].text, error);
    }
    output_print_pages(ctl, &list->values, &table);
}

static enum ctl_status value_run(struct ctl *ctl)
{
    struct value_list list = {0};
    enum ctl_status result = CTL_DONE;
    const char *body = NULL;
    if (ctl->operand_count == 0)
        result = value_get_list(ctl, ctl->flags[FLAG_DEVICE], &list);
    for (size_t i = 0; i < ctl->operand_count; i++) {
        struct object object;
        if (!object_read(ctl, ctl->operands[i], OBJECT_DEVICE | OBJECT_TAG, &object))
            return CTL_USAGE;
    }
    for (size_t i = 0; i < ctl->operand_count && result != CTL_UNREACHABLE; i++) {
        struct object object;
        object_read(ctl, ctl->operands[i], OBJECT_DEVICE | OBJECT_TAG, &object);
        enum ctl_status status =
            object.kind == OBJECT_TAG
                ? value_get_tag(ctl, &object, &list, &body)
                : value_get_list(ctl, (const char *[]){object.device, NULL}, &list);
        result = status != CTL_DONE ? status : result;
    }
    if (list.values.count == 0 && result != CTL_DONE)
        return result;
    if (ctl->terminal.format != OUTPUT_JSON)
        value_print_table(ctl, &list);
    else if (ctl->operand_count == 1 && body)
        output_print_json(body);
    else
        output_print_json(list.values.json);
    return result;
}

const struct command value_command = {
    .name = "value",
    .operands = "[DEVICE/TAG | DEVICE]...",
    .most = COMMAND_ANY,
    .summary = "Show values with quality and age",
    .details =
        "The values of these tags, of all tags of these devices, or of all tags. VALUE is in the "
        "unit of the tag, REGISTERS what the Modbus server holds, in hex.\n\n"
        "The flags choose among the tags of devices. A tag or device that does not exist makes "
        "exit "
        "status 4; the others are printed.",
    .completes = {COMPLETES_TAG},
    .flags = {FLAG_SEARCH, FLAG_DEVICE, FLAG_TABLE, FLAG_QUALITY, FLAG_REASON, FLAG_WRONG,
              FLAG_LIMIT},
    .examples = {"tagferryctl value boiler-7/supply_temperature", "tagferryctl value boiler-7",
                 "tagferryctl value --wrong", "tagferryctl value -o csv > values.csv"},
    .run = value_run};
