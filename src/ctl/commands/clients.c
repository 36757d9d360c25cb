/* clients: who reads and writes registers, and who may not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/output.h"
#include "ctl/output/words.h"

/* "10.0.0.1:502", "[fe80::1]:502" */
static const char *client_address_text(const cJSON *item)
{
    const char *address = json_read_text(item, "address");
    const char *protocol = json_read_text(item, "protocol");
    if (strcmp(protocol, "serial") == 0)
        return address;
    bool is_v6 = strchr(address, ':') != NULL;
    return keep_format("%s%s%s:%s", is_v6 ? "[" : "", address, is_v6 ? "]" : "",
                       json_read_text(item, "port"));
}

/* "read holding registers 100+2 of unit 1: exception 2, no such address" */
static const char *client_request_text(const cJSON *request)
{
    if (!cJSON_IsObject(request))
        return "";
    const char *text = words_of_function(json_read_int(request, "function"));
    const char *start = json_read_text(request, "start");
    const char *count = json_read_text(request, "count");
    if (start[0])
        text = keep_format("%s %s%s%s", text, start, count[0] ? "+" : "", count);
    text = keep_format("%s of unit %s", text, json_read_text(request, "unit"));
    long exception = json_read_int(request, "exception");
    return exception > 0 ? keep_format("%s: %s", text, words_of_exception(exception)) : text;
}

static void clients_print_connected(const struct ctl *ctl, const cJSON *clients)
{
    static const struct table_column columns[] = {
        {.title = "CLIENT", .name = "address"},
        {.name = "port", .in_csv_only = true},
        {.title = "SIDE", .name = "side"},
        {.title = "PROTOCOL", .name = "protocol", .drop = 4},
        {.title = "ROLE", .name = "role", .drop = 5},
        {.title = "SINCE", .name = "since", .is_number = true, .drop = 1},
        {.title = "UNITS", .name = "units"},
        {.title = "REQUESTS", .name = "requests", .is_number = true},
        {.title = "RATE", .name = "rate", .is_number = true, .drop = 2},
        {.title = "EXCEPTIONS", .name = "exceptions", .is_number = true},
        {.title = "LAST REQUEST", .name = "last_request", .is_long = true},
        {.title = "AGE", .name = "last_request.at", .is_number = true, .drop = 3},
        {.name = "functions", .in_csv_only = true},
    };
    enum { ADDRESS, SIDE = 2, SINCE = 5, UNITS, EXCEPTIONS = 9, LAST, AGE };
    struct table table;
    TABLE_INIT(&table, columns);
    const cJSON *item;
    cJSON_ArrayForEach(item, json_read_array(clients, "items"))
    {
        struct table_cell *row = table_add_row(&table);
        output_fill_row(&table, row, item);
        if (ctl->terminal.format == OUTPUT_CSV)
            continue;
        row[ADDRESS].text = client_address_text(item);
        row[SINCE].text = output_time_text(ctl, row[SINCE].text);
        row[UNITS].text = output_array_text(json_read_array(item, "units"));
        row[LAST].text = client_request_text(json_read_member(item, "last_request"));
        row[AGE].text = output_time_text(ctl, row[AGE].text);
        if (strcmp(row[SIDE].text, "scada") != 0)
            row[ADDRESS].style = STYLE_FAINT;
        if (json_read_number(item, "last_request.exception") > 0)
            row[LAST].style = STYLE_WARNING;
    }
    table_print(&table, &ctl->terminal);
}

static void clients_print_refused(const struct ctl *ctl, const cJSON *clients)
{
    static const struct table_column columns[] = {
        {.title = "CLIENT", .name = "address"},
        {.name = "port", .in_csv_only = true},
        {.title = "SIDE", .name = "side", .drop = 1},
        {.title = "TIMES", .name = "count", .is_number = true},
        {.title = "LAST", .name = "at", .is_number = true},
        {.title = "FIRST", .name = "since", .is_number = true, .drop = 2},
        {.title = "WHY", .name = "detail", .is_long = true},
        {.name = "reason", .in_csv_only = true},
    };
    enum { ADDRESS, AT = 4, SINCE, DETAIL };
    struct table table;
    TABLE_INIT(&table, columns);
    const cJSON *item;
    cJSON_ArrayForEach(item, json_read_array(clients, "refused"))
    {
        struct table_cell *row = table_add_row(&table);
        output_fill_row(&table, row, item);
        if (ctl->terminal.format == OUTPUT_CSV)
            continue;
        row[ADDRESS].text = client_address_text(item);
        row[AT].text = output_time_text(ctl, row[AT].text);
        row[SINCE].text = output_time_text(ctl, row[SINCE].text);
        row[DETAIL].style = STYLE_WRONG;
    }
    table_print(&table, &ctl->terminal);
}

static enum ctl_status clients_run(struct ctl *ctl)
{
    const struct client_request request = {.path = "/modbus/clients", .query = "limit=10000"};
    struct client_reply reply;
    enum ctl_status status =
        client_send_checked(ctl->client, &request, &reply, "the Modbus clients");
    if (status != CTL_DONE)
        return status;
    if (ctl->terminal.format == OUTPUT_JSON) {
        output_print_json(reply.body);
        return CTL_DONE;
    }
    const char *state = json_read_text(reply.json, "state");
    if (strcmp(state, "up") != 0)
        fprintf(stderr, "tagferryctl: tagferry-modbusd is %s: it has no clients\n", state);
    if (ctl_has_flag(ctl, FLAG_WRONG)) {
        clients_print_refused(ctl, reply.json);
        return CTL_DONE;
    }
    clients_print_connected(ctl, reply.json);
    int refused = cJSON_GetArraySize(json_read_array(reply.json, "refused"));
    if (refused > 0 && ctl->terminal.format == OUTPUT_TABLE && ctl->terminal.is_terminal)
        printf("%d refused: tagferryctl clients --wrong\n", refused);
    return CTL_DONE;
}

const struct command clients_command = {
    .name = "clients",
    .most = 0,
    .summary = "List the clients of the Modbus server",
    .details =
        "Each connection with the units that it has asked for and its last request. SIDE is scada "
        "for SCADA systems and for tagferry-api, inputs and outputs for tagferry-mqttd.\n\n"
        "With --wrong those that were refused or disconnected lately, with the reason: the newest "
        "64 addresses.",
    .flags = {FLAG_WRONG},
    .examples = {"tagferryctl clients", "tagferryctl clients --wrong"},
    .run = clients_run};
