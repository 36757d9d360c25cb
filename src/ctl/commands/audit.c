/* audit: who changed what. */
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/object.h"
#include "ctl/commands/output.h"

enum { AUDIT_USUAL = 20, AUDIT_MOST = 1000000 };

static const char *audit_object_text(const cJSON *entry)
{
    const char *device = json_read_text(entry, "device"), *tag = json_read_text(entry, "tag");
    const char *profile = json_read_text(entry, "profile");
    if (device[0])
        return keep_format("%s%s%s", device, tag[0] ? "/" : "", tag);
    return profile[0] ? keep_format("profile:%s", profile) : json_read_text(entry, "kind");
}

/* "modbus.scale 1 -> 0.1" */
static const char *audit_difference_text(const cJSON *difference)
{
    const char *pointer = json_read_text(difference, "pointer");
    char *member = keep_text(pointer + (pointer[0] == '/'));
    for (char *slash; (slash = strchr(member, '/'));)
        *slash = '.';
    const cJSON *before = json_read_member(difference, "before");
    const cJSON *after = json_read_member(difference, "after");
    return keep_format("%s %s -> %s", member, before ? json_value_json(before) : "nothing",
                       after ? json_value_json(after) : "nothing");
}

/* What a change of the whole configuration did: "2 created, 1 changed". */
static const char *audit_whole_text(const cJSON *entry)
{
    static const char *const counts[] = {"created", "changed", "deleted"};
    const cJSON *after = json_read_member(entry, "after");
    const char *text = "";
    if (strcmp(json_read_text(entry, "kind"), "all") != 0)
        return "";
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        double count = json_read_number(after, counts[i]);
        if (count > 0)
            text = keep_format("%s%s%.0f %s", text, text[0] ? ", " : "", count, counts[i]);
    }
    return text[0] ? text : json_value_text(after);
}

static const struct table_column audit_columns[] = {
    {.title = "ID", .name = "id", .is_number = true},
    {.title = "AGE", .name = "at", .is_number = true},
    {.title = "WHO", .name = "who", .if_any = true},
    {.title = "FROM", .name = "remote", .drop = 1},
    {.title = "ACTION", .name = "action"},
    {.title = "OBJECT", .name = "device"},
    {.name = "tag", .in_csv_only = true},
    {.name = "profile", .in_csv_only = true},
    {.name = "kind", .in_csv_only = true},
    {.name = "revision", .in_csv_only = true},
    {.title = "CHANGE", .name = "diff.pointer", .is_long = true},
    {.name = "diff.before", .in_csv_only = true},
    {.name = "diff.after", .in_csv_only = true},
};
enum { AUDIT_AT = 1, AUDIT_WHO, AUDIT_OBJECT = 5, AUDIT_CHANGE = 10, AUDIT_BEFORE, AUDIT_AFTER };

/* An entry, with a row for each member that was changed. */
static void audit_add_entry(const struct ctl *ctl, struct table *table, const cJSON *entry)
{
    bool is_csv = ctl->terminal.format == OUTPUT_CSV;
    const cJSON *difference = cJSON_GetArrayItem(json_read_array(entry, "diff"), 0);
    struct table_cell *row = table_add_row(table);
    output_fill_row(table, row, entry);
    if (!is_csv) {
        row[AUDIT_AT].text = output_time_text(ctl, row[AUDIT_AT].text);
        row[AUDIT_OBJECT].text = audit_object_text(entry);
        row[AUDIT_CHANGE].text = audit_whole_text(entry);
    }
    for (bool is_first = true; difference; difference = difference->next, is_first = false) {
        if (!is_first) {
            row = table_add_row(table);
            if (is_csv)
                output_fill_row(table, row, entry);
        }
        row[AUDIT_CHANGE].text =
            is_csv ? json_read_text(difference, "pointer") : audit_difference_text(difference);
        row[AUDIT_BEFORE].text = json_read_text(difference, "before");
        row[AUDIT_AFTER].text = json_read_text(difference, "after");
    }
}

static enum ctl_status audit_run(struct ctl *ctl)
{
    const char *query = query_add(NULL, "who", ctl_flag_value(ctl, FLAG_WHO)), *since;
    struct object object;
    struct pages pages;
    struct table table;
    long limit = AUDIT_USUAL;
    if (!ctl_flag_number(ctl, FLAG_LIMIT, 1, AUDIT_MOST, &limit))
        return CTL_USAGE;
    if (ctl->operand_count > 0) {
        if (!object_read(ctl, ctl->operands[0], OBJECT_DEVICE | OBJECT_TAG | OBJECT_PROFILE,
                         &object))
            return CTL_USAGE;
        query = query_add(query, "device", object.device);
        query = query_add(query, "tag", object.tag);
        query = query_add(query, "profile", object.kind == OBJECT_PROFILE ? object.name : NULL);
    }
    enum ctl_status status = output_read_when(ctl, FLAG_SINCE, true, &since);
    if (status == CTL_DONE)
        status = pages_get(ctl->client, "/audit", query_add(query, "since", since), (size_t)limit,
                           "the audit", &pages);
    if (status != CTL_DONE)
        return status;
    TABLE_INIT(&table, audit_columns);
    for (size_t i = 0; i < pages.count; i++)
        audit_add_entry(ctl, &table, pages.items[i]);
    output_print_pages(ctl, &pages, &table);
    return CTL_DONE;
}

const struct command audit_command = {
    .name = "audit",
    .operands = "[OBJECT]",
    .most = 1,
    .summary = "Show who changed what, the newest change first",
    .details =
        "The newest 20 changes of all objects, or of a device with its tags, a tag, or a profile, "
        "which need not exist any more. A change of several members has a line for each: before -> "
        "after. WHO is the name of the token, FROM the address.\n\n"
        "tagferryctl revert ID undoes a change.",
    .completes = {COMPLETES_OBJECT},
    .flags = {FLAG_SINCE, FLAG_WHO, FLAG_LIMIT},
    .examples = {"tagferryctl audit", "tagferryctl audit boiler-7 --since 12h",
                 "tagferryctl audit --who hmi -n 100 -o csv"},
    .run = audit_run};
