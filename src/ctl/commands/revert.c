/* revert: undoes a change, or all changes after a revision. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/client/query.h"
#include "ctl/commands/change_commands.h"
#include "ctl/commands/confirm.h"
#include "ctl/commands/output.h"

/* Changes that are listed unless it is a dry run. */
enum { REVERT_LISTED = 20 };

/* "boiler-7/temp", "boiler-7" or "profile:meter". */
static const char *revert_object_text(const cJSON *change)
{
    const char *profile = json_read_text(change, "profile"), *tag = json_read_text(change, "tag");
    if (profile[0])
        return keep_format("profile:%s", profile);
    return keep_format("%s%s%s", json_read_text(change, "device"), tag[0] ? "/" : "", tag);
}

/* "modbus.scale 0.1 -> 1" of each member that was set back. */
static const char *revert_diff_text(const cJSON *change)
{
    const char *text = "";
    const cJSON *item;
    cJSON_ArrayForEach(item, json_read_array(change, "diff"))
    {
        const cJSON *before = json_read_member(item, "before"),
                    *after = json_read_member(item, "after");
        char *path = keep_text(json_read_text(item, "pointer"));
        for (char *slash; (slash = strchr(path, '/'));)
            *slash = '.';
        text = keep_format("%s%s %s %s -> %s", text, text[0] ? "," : ":", path + (path[0] == '.'),
                           before ? json_value_json(before) : "nothing",
                           after ? json_value_json(after) : "nothing");
    }
    return text;
}

static void revert_print_csv(const struct ctl *ctl, const cJSON *answer)
{
    static const struct table_column columns[] = {
        {.name = "action"},  {.name = "device"}, {.name = "tag"},  {.name = "profile"},
        {.name = "pointer"}, {.name = "before"}, {.name = "after"}};
    enum { POINTER = 4, BEFORE, AFTER };
    const cJSON *change, *item;
    struct table table;
    TABLE_INIT(&table, columns);
    cJSON_ArrayForEach(change, json_read_array(answer, "changes"))
    {
        const cJSON *diff = json_read_array(change, "diff");
        if (cJSON_GetArraySize(diff) == 0)
            output_fill_row(&table, table_add_row(&table), change);
        cJSON_ArrayForEach(item, diff)
        {
            struct table_cell *row = table_add_row(&table);
            output_fill_row(&table, row, change);
            row[POINTER].text = json_read_text(item, "pointer");
            row[BEFORE].text = json_read_text(item, "before");
            row[AFTER].text = json_read_text(item, "after");
        }
    }
    table_print(&table, &ctl->terminal);
}

/* "2 come back, 1 is set back": those that are not 0. */
static const char *revert_counts_text(const cJSON *answer)
{
    static const struct {
        const char *member, *one, *many;
    } rows[] = {{"created", "comes back", "come back"},
                {"changed", "is set back", "are set back"},
                {"deleted", "is deleted", "are deleted"}};
    const char *text = "";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double count = json_read_number(answer, rows[i].member);
        if (count > 0)
            text = keep_format("%s%s%.0f %s", text, text[0] ? ", " : "", count,
                               count == 1 ? rows[i].one : rows[i].many);
    }
    return text;
}

/* A line for each object, and one for all. */
static void revert_print(const cJSON *answer)
{
    const cJSON *changes = json_read_array(answer, "changes"), *change;
    bool is_dry = json_read_bool(answer, "dry_run");
    int count = cJSON_GetArraySize(changes), listed = 0;
    cJSON_ArrayForEach(change, changes)
    {
        const char *action = json_read_text(change, "action");
        bool is_back = strcmp(action, "create") == 0, is_gone = strcmp(action, "delete") == 0;
        const char *did = is_back ? "comes back" : is_gone ? "is deleted" : "is set back";
        const char *would = is_back   ? "would come back"
                            : is_gone ? "would be deleted"
                                      : "would be set back";
        if (listed++ < REVERT_LISTED || is_dry)
            text_print_line(stdout, keep_format("%s %s%s", revert_object_text(change),
                                                is_dry ? would : did, revert_diff_text(change)));
    }
    if (!is_dry && count > REVERT_LISTED)
        printf("... and %d more\n", count - REVERT_LISTED);
    if (count == 0)
        puts("there is nothing to undo");
    else if (is_dry)
        printf("in all: %s; nothing is changed yet\n", revert_counts_text(answer));
    else
        printf("undone: %s; revision %.0f; tagferryctl revert %.0f takes this back\n",
               revert_counts_text(answer), json_read_number(answer, "revision"),
               json_read_number(answer, "audit"));
}

enum ctl_status revert_run(struct ctl *ctl)
{
    struct client_reply reply;
    const char *to = ctl_flag_value(ctl, FLAG_TO);
    const char *id = ctl->operand_count > 0 ? ctl->operands[0] : "newest";
    if (to && ctl->operand_count > 0)
        return ctl_print_usage_error(ctl, "an entry and --to exclude each other");
    if (strcmp(id, "newest") != 0 && (!id[0] || id[strspn(id, "0123456789")]))
        return ctl_print_usage_error(ctl, "\"%s\" must be ID, as audit prints it, or newest", id);
    long revision = 0;
    if (!ctl_flag_number(ctl, FLAG_TO, 0, INT32_MAX, &revision))
        return CTL_USAGE;
    const char *query = ctl_has_flag(ctl, FLAG_DRY_RUN) ? "dry_run=true" : NULL;
    const struct client_request request = {
        .method = "POST",
        .path = to ? "/revert" : client_path("/audit/{}/revert", id),
        .query = to ? query_add_number(query, "to", revision) : query,
        .if_match = ctl_flag_value(ctl, FLAG_IF_MATCH),
        .takes_long = true};
    const char *what = to                          ? keep_format("back to revision %ld", revision)
                       : strcmp(id, "newest") == 0 ? "the newest change"
                                                   : keep_format("change %s", id);
    enum ctl_status status = confirm_send(ctl, &request, &reply, what);
    if (status == CTL_CHANGED)
        fputs("  Nothing was undone. Undo the later changes first, newest first, or all with "
              "--to REVISION; tagferryctl audit lists them.\n",
              stderr);
    if (status != CTL_DONE)
        return status;
    if (ctl->terminal.format == OUTPUT_JSON)
        output_print_json(reply.body);
    else if (ctl->terminal.format == OUTPUT_CSV)
        revert_print_csv(ctl, reply.json);
    else
        revert_print(reply.json);
    return CTL_DONE;
}
