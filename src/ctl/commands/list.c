/* devices and tags: lists of what is configured. */
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/query.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/object.h"
#include "ctl/commands/output.h"
#include "ctl/commands/tag_text.h"

static enum ctl_status devices_run(struct ctl *ctl)
{
    static const struct table_column columns[] = {
        {.title = "NAME", .name = "name"},
        {.title = "QUALITY", .name = "quality"},
        {.title = "REASON", .name = "reason", .if_any = true},
        {.title = "AGE", .name = "live.age_ms", .is_number = true},
        {.title = "MESSAGES", .name = "live.messages", .is_number = true, .drop = 2},
        {.title = "REJECTS", .name = "live.rejects", .is_number = true},
        {.title = "TAGS", .name = "live.tags", .is_number = true, .drop = 1},
        {.title = "TOPIC", .name = "mqtt.topic", .is_long = true},
        {.title = "LABEL", .name = "label", .is_long = true, .if_any = true, .drop = 3},
        {.title = "PROFILE", .name = "profile.name", .if_any = true, .drop = 4},
        {.title = "GATEWAY", .name = "network.gateway", .if_any = true, .drop = 5},
        {.name = "enabled", .in_csv_only = true},
        {.name = "network.unit_id", .in_csv_only = true},
        {.name = "live.last_message_at", .in_csv_only = true},
    };
    enum { QUALITY = 1, AGE = 3 };
    struct pages pages;
    struct table table;
    const char *query = query_add(output_list_query(ctl), "live", "true");
    enum ctl_status status = output_get_pages(ctl, "/devices", query, NULL, "the devices", &pages);
    if (status != CTL_DONE)
        return status;
    TABLE_INIT(&table, columns);
    for (size_t i = 0; i < pages.count; i++) {
        struct table_cell *row = table_add_row(&table);
        output_fill_row(&table, row, pages.items[i]);
        row[QUALITY].style = terminal_quality_style(row[QUALITY].text);
        row[AGE].text = output_duration_text(ctl, json_read_member(pages.items[i], "live.age_ms"));
    }
    output_print_pages(ctl, &pages, &table);
    return CTL_DONE;
}

static enum ctl_status tags_run(struct ctl *ctl)
{
    static const struct table_column columns[] = {
        {.title = "TAG", .name = "device"},
        {.name = "name", .in_csv_only = true},
        {.title = "KEY", .name = "mqtt.key", .is_long = true},
        {.title = "DIRECTION", .name = "direction", .drop = 4},
        {.title = "TABLE", .name = "modbus.table", .drop = 3},
        {.title = "ADDRESS", .name = "modbus.address", .is_number = true},
        {.title = "MODICON", .name = "modbus.modicon", .is_number = true},
        {.title = "TYPE", .name = "modbus.type"},
        {.title = "SCALE", .name = "modbus.scale"},
        {.title = "UNIT", .name = "unit", .if_any = true},
        {.title = "LABEL", .name = "label", .is_long = true, .if_any = true, .drop = 5},
        {.name = "mqtt.topic", .in_csv_only = true},
        {.name = "mqtt.command_topic", .in_csv_only = true},
        {.name = "modbus.byte_order", .in_csv_only = true},
        {.name = "modbus.bit", .in_csv_only = true},
        {.name = "modbus.byte", .in_csv_only = true},
        {.name = "modbus.length", .in_csv_only = true},
        {.name = "modbus.offset", .in_csv_only = true},
        {.name = "enabled", .in_csv_only = true},
        {.name = "description", .in_csv_only = true},
    };
    enum { TAG, NAME, TYPE = 7, SCALE };
    struct object object;
    struct pages pages;
    struct table table;
    for (size_t i = 0; i < ctl->operand_count; i++) {
        if (!object_read(ctl, ctl->operands[i], OBJECT_DEVICE, &object))
            return CTL_USAGE;
    }
    enum ctl_status status =
        output_get_pages(ctl, "/tags", output_list_query(ctl), ctl->operands, "the tags", &pages);
    if (status != CTL_DONE && pages.count == 0)
        return status;
    TABLE_INIT(&table, columns);
    for (size_t i = 0; i < pages.count; i++) {
        struct table_cell *row = table_add_row(&table);
        output_fill_row(&table, row, pages.items[i]);
        if (ctl->terminal.format != OUTPUT_TABLE)
            continue;
        row[TAG].text = keep_format("%s/%s", row[TAG].text, row[NAME].text);
        row[TYPE].text = tag_type_text(pages.items[i]);
        row[SCALE].text = tag_scale_text(pages.items[i]);
        if (!json_read_bool(pages.items[i], "enabled"))
            row[TAG].style = STYLE_FAINT;
    }
    output_print_pages(ctl, &pages, &table);
    return status;
}

const struct command list_commands[LIST_COMMAND_COUNT] = {
    {.name = "devices",
     .most = 0,
     .summary = "List devices",
     .details =
         "Each device with its quality, the age of its newest message, how many messages came and "
         "how many messages and values were refused since tagferry-mqttd started.\n\n"
         "On a terminal that is too narrow some columns are left out. -o csv has all.",
     .flags = {FLAG_SEARCH, FLAG_QUALITY, FLAG_REASON, FLAG_WRONG, FLAG_LIMIT},
     .examples = {"tagferryctl devices --wrong", "tagferryctl devices -q boiler -o csv"},
     .run = devices_run},
    {.name = "tags",
     .operands = "[DEVICE]...",
     .most = COMMAND_ANY,
     .summary = "List tags with their keys and registers",
     .details =
         "The tags of these devices, or of all. ADDRESS counts from 0, MODICON from 1. Value = "
         "register x SCALE, with an offset behind the scale if there is one.\n\n"
         "On a terminal that is too narrow some columns are left out. -o csv has all.",
     .completes = {COMPLETES_DEVICE},
     .flags = {FLAG_SEARCH, FLAG_TABLE, FLAG_QUALITY, FLAG_REASON, FLAG_WRONG, FLAG_LIMIT},
     .examples = {"tagferryctl tags boiler-7", "tagferryctl tags --table coil",
                  "tagferryctl tags -q 300013"},
     .run = tags_run},
};
