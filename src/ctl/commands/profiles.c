/* profiles: descriptions of many equal devices. */
#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/output.h"

/* "application, dev_eui, stale_after_s=7200" */
static const char *profile_params_text(const cJSON *profile)
{
    const char *text = "";
    const cJSON *param;
    cJSON_ArrayForEach(param, json_read_object(profile, "params"))
    {
        const cJSON *value = json_read_member(param, "default");
        text = keep_format("%s%s%s%s%s", text, text[0] ? ", " : "", param->string, value ? "=" : "",
                           json_value_text(value));
    }
    return text;
}

/* The number of tags: a list of the library has it as a number, a profile has the tags. */
static const char *profile_tags_text(const cJSON *profile)
{
    const cJSON *tags = json_read_member(profile, "tags");
    return cJSON_IsArray(tags) ? keep_format("%d", cJSON_GetArraySize(tags))
                               : json_value_text(tags);
}

static enum ctl_status profiles_list(const struct ctl *ctl, const char *query)
{
    static const struct table_column columns[] = {
        {.title = "NAME", .name = "name"},
        {.title = "TAGS", .name = "tags", .is_number = true},
        {.title = "DEVICES", .name = "devices", .is_number = true, .if_any = true},
        {.title = "LABEL", .name = "label", .is_long = true, .if_any = true},
        {.title = "PARAMETERS", .name = "params", .is_long = true, .if_any = true, .drop = 1},
        {.name = "description", .in_csv_only = true},
    };
    enum { TAGS = 1, PARAMS = 4 };
    struct pages pages;
    struct table table;
    query = query_add(query, "q", ctl_flag_value(ctl, FLAG_SEARCH));
    enum ctl_status status =
        output_get_pages(ctl, "/profiles", query, NULL, "the profiles", &pages);
    if (status != CTL_DONE)
        return status;
    TABLE_INIT(&table, columns);
    for (size_t i = 0; i < pages.count; i++) {
        struct table_cell *row = table_add_row(&table);
        output_fill_row(&table, row, pages.items[i]);
        row[TAGS].text = profile_tags_text(pages.items[i]);
        row[PARAMS].text = profile_params_text(pages.items[i]);
    }
    output_print_pages(ctl, &pages, &table);
    if (pages.count == 0 && !ctl_has_flag(ctl, FLAG_LIBRARY) && ctl->terminal.is_terminal &&
        ctl->terminal.format == OUTPUT_TABLE)
        puts("None. Those that come with Tagferry: tagferryctl profiles --library");
    return CTL_DONE;
}

static void profile_print_line(const char *name, const char *text)
{
    printf("%-12s ", name);
    text_print_columns(stdout, text, text_width(text));
    putchar('\n');
}

static void profile_print_head(const cJSON *profile)
{
    profile_print_line("name", json_read_text(profile, "name"));
    if (json_read_text(profile, "label")[0])
        profile_print_line("label", json_read_text(profile, "label"));
    if (json_read_text(profile, "description")[0])
        profile_print_line("description", json_read_text(profile, "description"));
    if (json_read_member(profile, "devices"))
        profile_print_line("devices", json_read_text(profile, "devices"));
    profile_print_line("topic", json_read_text(profile, "device.mqtt.topic"));
    const cJSON *param;
    cJSON_ArrayForEach(param, json_read_object(profile, "params"))
    {
        const cJSON *value = json_read_member(param, "default");
        const char *text = json_read_text(param, "description");
        profile_print_line("parameter",
                           keep_format("%s%s%s%s%s", param->string, value ? "=" : "",
                                       json_value_text(value), text[0] ? ": " : "", text));
    }
    putchar('\n');
}

static enum ctl_status profiles_show(const struct ctl *ctl, const char *name, const char *query)
{
    static const struct table_column columns[] = {
        {.title = "TAG", .name = "name"},
        {.title = "KEY", .name = "mqtt.key", .is_long = true},
        {.title = "DIRECTION", .name = "direction", .if_any = true, .drop = 2},
        {.title = "TABLE", .name = "modbus.table"},
        {.title = "ADDRESS", .name = "modbus.address", .is_number = true},
        {.title = "TYPE", .name = "modbus.type"},
        {.title = "SCALE", .name = "modbus.scale", .if_any = true},
        {.title = "UNIT", .name = "unit", .if_any = true},
        {.title = "LABEL", .name = "label", .is_long = true, .if_any = true, .drop = 1},
    };
    enum { NAME, KEY };
    struct client_reply reply;
    struct table table;
    const struct client_request request = {.path = client_path("/profiles/{}", name),
                                           .query = query};
    enum ctl_status status;
    if (!output_ask(ctl, &request, name, &reply, &status))
        return status;
    TABLE_INIT(&table, columns);
    const cJSON *tag;
    cJSON_ArrayForEach(tag, json_read_array(reply.json, "tags"))
    {
        struct table_cell *row = table_add_row(&table);
        output_fill_row(&table, row, tag);
        if (!json_read_member(tag, "mqtt.key") && ctl->terminal.format == OUTPUT_TABLE)
            row[KEY].text = row[NAME].text; /* the default */
    }
    if (ctl->terminal.format == OUTPUT_TABLE)
        profile_print_head(reply.json);
    table_print(&table, &ctl->terminal);
    return CTL_DONE;
}

static enum ctl_status profiles_run(struct ctl *ctl)
{
    const char *query = ctl_has_flag(ctl, FLAG_LIBRARY) ? "library=true" : NULL;
    if (ctl->operand_count > 0 && (!ctl->operands[0][0] || strchr(ctl->operands[0], '/')))
        return ctl_print_usage_error(ctl, "\"%s\" must be NAME", ctl->operands[0]);
    return ctl->operand_count > 0 ? profiles_show(ctl, ctl->operands[0], query)
                                  : profiles_list(ctl, query);
}

const struct command profiles_command = {
    .name = "profiles",
    .operands = "[NAME]",
    .most = 1,
    .summary = "List profiles, or show one with its tags",
    .details =
        "With --library those that come with Tagferry. Addresses of a profile count from the base "
        "of each device. Names in braces are parameters, which each device has.",
    .completes = {COMPLETES_PROFILE},
    .flags = {FLAG_LIBRARY, FLAG_SEARCH, FLAG_LIMIT},
    .examples = {"tagferryctl profiles", "tagferryctl profiles --library -q tasmota",
                 "tagferryctl profiles --library tasmota-plug"},
    .run = profiles_run};
