/* gateways: who leads, who follows, and how far. */
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/gateways_role.h"
#include "ctl/commands/output.h"
#include "ctl/output/words.h"

/* "ready", or the parts that are not: "broker cannot be reached" */
static const char *gateway_ready_text(const cJSON *gateway)
{
    const char *text = "";
    const cJSON *part;
    if (!cJSON_IsBool(json_read_member(gateway, "ready")))
        return "";
    cJSON_ArrayForEach(part, json_read_object(gateway, "parts"))
    {
        const char *reason = json_read_text(part, "reason");
        if (strcmp(json_read_text(part, "state"), "up") != 0)
            text = keep_format("%s%s%s%s%s", text, text[0] ? ", " : "", part->string,
                               reason[0] ? " " : "", words_of_part(reason));
    }
    return json_read_bool(gateway, "ready") ? "ready" : text[0] ? text : "not ready";
}

static enum ctl_status gateways_run(struct ctl *ctl)
{
    static const struct table_column columns[] = {
        {.title = "NAME", .name = "name", .if_any = true},
        {.title = "HOST", .name = "host"},
        {.title = "ROLE", .name = "role"},
        {.title = "TERM", .name = "term", .is_number = true, .drop = 1},
        {.title = "REVISION", .name = "revision", .is_number = true},
        {.title = "LAG", .name = "lag_s", .is_number = true, .if_any = true},
        {.title = "SEEN", .name = "last_seen", .is_number = true, .if_any = true, .drop = 2},
        {.title = "DEVICES", .name = "devices", .is_number = true, .drop = 3},
        {.title = "STATE", .name = "ready", .is_long = true},
        {.title = "LAST ERROR", .name = "last_error.code", .is_long = true, .if_any = true},
        {.name = "last_error.detail", .in_csv_only = true},
        {.name = "last_error.at", .in_csv_only = true},
        {.name = "self", .in_csv_only = true},
        {.name = "leader", .in_csv_only = true},
    };
    enum { HOST = 1, ROLE, LAG = 5, SEEN, READY = 8, LAST_ERROR };
    struct client_reply reply;
    struct table table;
    if (ctl->operand_count > 0)
        return gateways_role_run(ctl);
    enum ctl_status status;
    if (!output_ask(ctl, &(struct client_request){.path = "/gateways"}, "the gateways", &reply,
                    &status))
        return status;
    TABLE_INIT(&table, columns);
    const cJSON *item;
    cJSON_ArrayForEach(item, json_read_array(reply.json, "items"))
    {
        struct table_cell *row = table_add_row(&table);
        output_fill_row(&table, row, item);
        if (ctl->terminal.format == OUTPUT_CSV)
            continue;
        bool is_ready = json_read_bool(item, "ready");
        if (json_read_bool(item, "self"))
            row[HOST].text = keep_format("%s (asked)", row[HOST].text);
        if (row[ROLE].text[0] == '\0')
            row[ROLE].text = "not heard of";
        if (row[LAG].text[0])
            row[LAG].text = duration_text(1000 * json_read_number(item, "lag_s"));
        row[SEEN].text = output_time_text(ctl, row[SEEN].text);
        row[READY].text = gateway_ready_text(item);
        row[READY].style = is_ready ? STYLE_GOOD : STYLE_WRONG;
        row[LAST_ERROR].text = gateway_error_text(item);
        row[LAST_ERROR].style = STYLE_WRONG;
    }
    table_print(&table, &ctl->terminal);
    return CTL_DONE;
}

const struct command gateways_command = {
    .name = "gateways",
    .operands = "[promote | follow URL]",
    .most = 2,
    .summary = "Show the gateways, or choose the leader",
    .details =
        "The gateway that answers, marked (asked), and those that it has heard of: at the leader "
        "the configuration is changed, followers follow it. LAG is the time since a follower had "
        "all changes, STATE what does not work there, LAST ERROR why it does not follow.\n\n"
        "promote makes the gateway that is asked the leader, when the former one has failed. "
        "follow "
        "lets it take the configuration of the leader at URL, in place of its own, of which it "
        "keeps a copy in a file. Both ask before, or need --yes.",
    .flags = {FLAG_YES},
    .examples = {"tagferryctl gateways", "tagferryctl gateways -o json",
                 "tagferryctl --url http://10.0.0.2:5000 gateways promote",
                 "tagferryctl --url http://10.0.0.1:5000 gateways follow http://10.0.0.2:5000"},
    .run = gateways_run};
