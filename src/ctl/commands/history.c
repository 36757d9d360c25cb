/* history: what a tag was. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/utc.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/object.h"
#include "ctl/commands/output.h"

enum { POINTS_USUAL = 40, POINTS_FEWEST = 2, POINTS_MOST = 5000 };
/* The columns of the table. */
enum { AT, LAST, SMALLEST, LARGEST, KIND, CODE, DETAIL, EVENT };

static const char *history_time_text(double wall_ms)
{
    char text[UTC_TEXT_SIZE];
    if (!(wall_ms >= 0 && wall_ms < (double)UTC_YEAR_9999_END_MS))
        return "";
    utc_format((uint64_t)wall_ms, text);
    return keep_text(text);
}

/* "refused: the number does not fit into the type: 70020", "written by scada: 70.5", "bad: silent"
 */
static const char *history_event_text(const cJSON *event)
{
    const char *kind = json_read_text(event, "kind"), *code = json_read_text(event, "code");
    const char *detail = json_read_text(event, "detail");
    if (strcmp(kind, "reject") == 0)
        return keep_format("refused: %s", output_error_text(event));
    const char *what = strcmp(kind, "write") == 0 ? keep_format("written by %s", code) : code;
    return detail[0] ? keep_format("%s: %s", what, detail) : what;
}

static void history_fill_event(struct table_cell *row, const cJSON *event, double at)
{
    const char *const names[] = {[KIND] = "kind", [CODE] = "code", [DETAIL] = "detail"};
    row[AT].text = history_time_text(at);
    for (int i = KIND; i <= DETAIL; i++)
        row[i].text = json_read_text(event, names[i]);
    row[EVENT].text = history_event_text(event);
    row[EVENT].style = strcmp(row[KIND].text, "reject") == 0
                           ? STYLE_WRONG
                           : terminal_quality_style(row[CODE].text);
    if (strcmp(row[KIND].text, "write") == 0)
        row[EVENT].style = STYLE_PLAIN;
}

/* Points and events in the order of time; an event before the point of its moment. */
static void history_fill_table(struct table *table, const cJSON *history)
{
    const cJSON *points = json_read_array(history, "points");
    const cJSON *events = json_read_array(history, "events");
    const cJSON *point = points ? points->child : NULL, *event = events ? events->child : NULL;
    while (point || event) {
        const cJSON *time = point ? cJSON_GetArrayItem(point, 0) : NULL;
        double point_at = time && cJSON_IsNumber(time) ? time->valuedouble : INFINITY;
        double event_at = event ? json_read_number(event, "at") : INFINITY;
        struct table_cell *row = table_add_row(table);
        if (event && (!point || event_at <= point_at)) {
            history_fill_event(row, event, event_at);
            event = event->next;
            continue;
        }
        row[AT].text = history_time_text(point_at);
        row[SMALLEST].text = json_value_text(cJSON_GetArrayItem(point, 1));
        row[LARGEST].text = json_value_text(cJSON_GetArrayItem(point, 2));
        row[LAST].text = json_value_text(cJSON_GetArrayItem(point, 3));
        point = point->next;
    }
}

/* A line about each warning of the answer, and about what is missing of the beginning. */
static void history_print_remarks(const struct ctl *ctl, const cJSON *history)
{
    const cJSON *warnings = json_read_array(history, "warnings");
    fflush(stdout);
    for (const cJSON *one = warnings ? warnings->child : NULL; one; one = one->next)
        output_print_lines(ctl, stderr, json_read_text(one, "detail"));
    if (json_read_number(history, "events_left_out") > 0)
        fprintf(stderr, "%.0f older events are left out.\n",
                json_read_number(history, "events_left_out"));
}

static enum ctl_status history_run(struct ctl *ctl)
{
    static const struct table_column columns[] = {
        [AT] = {.title = "TIME (UTC)", .name = "at"},
        [LAST] = {.title = "VALUE", .name = "last", .is_number = true},
        [SMALLEST] = {.title = "MINIMUM", .name = "minimum", .is_number = true, .drop = 1},
        [LARGEST] = {.title = "MAXIMUM", .name = "maximum", .is_number = true, .drop = 1},
        [KIND] = {.name = "kind", .in_csv_only = true},
        [CODE] = {.name = "code", .in_csv_only = true},
        [DETAIL] = {.name = "detail", .in_csv_only = true},
        [EVENT] = {.title = "EVENT", .name = "event", .is_long = true, .if_any = true},
    };
    struct object object;
    struct client_reply reply;
    const char *since, *until;
    uint64_t since_ms, until_ms;
    long points = POINTS_USUAL;
    if (!object_read(ctl, ctl->operands[0], OBJECT_TAG, &object) ||
        !ctl_flag_number(ctl, FLAG_LIMIT, POINTS_FEWEST, POINTS_MOST, &points))
        return CTL_USAGE;
    enum ctl_status status = output_read_when(ctl, FLAG_SINCE, false, &since);
    if (status == CTL_DONE)
        status = output_read_when(ctl, FLAG_UNTIL, false, &until);
    if (status != CTL_DONE)
        return status;
    if (since && until && utc_parse(since, &since_ms) && utc_parse(until, &until_ms) &&
        since_ms > until_ms)
        return ctl_print_usage_error(ctl, "--since must not be later than --until");
    const char *query = query_add(query_add(NULL, "from", since), "to", until);
    const struct client_request request = {.path = keep_format("%s/history", object.path),
                                           .query = query_add_number(query, "points", points)};
    if (!output_ask(ctl, &request, object.text, &reply, &status))
        return status;
    struct table table;
    TABLE_INIT(&table, columns);
    history_fill_table(&table, reply.json);
    table_print(&table, &ctl->terminal);
    history_print_remarks(ctl, reply.json);
    return CTL_DONE;
}

const struct command history_command = {
    .name = "history",
    .operands = "DEVICE/TAG",
    .fewest = 1,
    .most = 1,
    .summary = "Show what the value of a tag was",
    .details =
        "The values of the last hour, or since and until the times that are given, and "
        "what happened: values that were refused, writes of SCADA, changes of the quality. "
        "With more values than --limit (40 by default), a row stands for a part of the time, "
        "with the smallest, the largest and the last value in it. Between two rows the value "
        "stays.",
    .completes = {COMPLETES_TAG},
    .flags = {FLAG_SINCE, FLAG_UNTIL, FLAG_LIMIT},
    .examples = {"tagferryctl history boiler-7/supply_temperature",
                 "tagferryctl history boiler-7/setpoint --since 12h -n 500 -o csv"},
    .run = history_run};
