#include "ctl/commands/output.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/utc.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/output/words.h"

enum { LIMIT_MAX = 1000000 };

void output_print_lines(const struct ctl *ctl, FILE *out, const char *text)
{
    size_t columns = out == stdout && ctl->terminal.columns ? ctl->terminal.columns : (size_t)-1;
    while (*text) {
        size_t len = strcspn(text, "\n");
        size_t shown = len > 0 && text[len - 1] == '\r' ? len - 1 : len;
        text_print_columns(out, keep_bytes(text, shown), columns);
        fputc('\n', out);
        text += len + (text[len] == '\n');
    }
}

void output_print_document(const struct ctl *ctl, const struct client_reply *reply)
{
    struct ctl whole = *ctl;
    whole.terminal.columns = 0;
    if (ctl->terminal.is_terminal)
        output_print_lines(&whole, stdout, reply->body);
    else
        fwrite(reply->body, 1, reply->len, stdout);
}

void output_print_json(const char *json)
{
    puts(json);
}

bool output_ask(const struct ctl *ctl, const struct client_request *request, const char *what,
                struct client_reply *reply, enum ctl_status *status)
{
    *status = client_send_checked(ctl->client, request, reply, what);
    if (*status != CTL_DONE || ctl->terminal.format != OUTPUT_JSON)
        return *status == CTL_DONE;
    output_print_json(reply->body);
    return false;
}

void output_print_pages(const struct ctl *ctl, const struct pages *pages, const struct table *table)
{
    if (ctl->terminal.format == OUTPUT_JSON) {
        output_print_json(pages->json);
        return;
    }
    table_print(table, &ctl->terminal);
    if ((double)pages->count < pages->total && ctl->terminal.is_terminal)
        printf("%zu of %.0f\n", pages->count, pages->total);
}

void output_fill_row(const struct table *table, struct table_cell *row, const cJSON *object)
{
    for (size_t i = 0; i < table->column_count; i++)
        row[i].text = json_read_text(object, table->columns[i].name);
}

const char *output_list_query(const struct ctl *ctl)
{
    const char *query = query_add(NULL, "q", ctl_flag_value(ctl, FLAG_SEARCH));
    query = query_add(query, "table", ctl_flag_value(ctl, FLAG_TABLE));
    query = query_add(query, "reason", ctl_flag_list(ctl, FLAG_REASON));
    const char *quality = ctl_flag_list(ctl, FLAG_QUALITY);
    return query_add(query, "quality",
                     !quality && ctl_has_flag(ctl, FLAG_WRONG) ? "bad,stale,never" : quality);
}

/* A list may be empty because of its filters: then it asks for the device itself. */
static enum ctl_status output_check_device(const struct ctl *ctl, const char *device)
{
    struct client_reply reply;
    const struct client_request request = {.path = client_path("/devices/{}", device)};
    return client_send_checked(ctl->client, &request, &reply, device);
}

enum ctl_status output_get_pages(const struct ctl *ctl, const char *path, const char *query,
                                 const char *const *devices, const char *what, struct pages *pages)
{
    long limit = 0;
    if (!ctl_flag_number(ctl, FLAG_LIMIT, 1, LIMIT_MAX, &limit))
        return CTL_USAGE;
    if (!devices || !devices[0])
        return pages_get(ctl->client, path, query, (size_t)limit, what, pages);
    enum ctl_status result = CTL_DONE;
    *pages = (struct pages){0};
    for (; *devices; devices++) {
        struct pages some;
        size_t wanted = limit > 0 ? (size_t)limit - pages->count : 0;
        if (limit > 0 && wanted == 0)
            break;
        enum ctl_status status =
            pages_get(ctl->client, path, query_add(query, "device", *devices), wanted, what, &some);
        if (status == CTL_DONE && some.count == 0)
            status = output_check_device(ctl, *devices);
        if (status == CTL_UNREACHABLE)
            return status;
        result = status != CTL_DONE ? status : result;
        pages_append(pages, &some);
    }
    return result;
}

const char *output_time_text(const struct ctl *ctl, const char *time)
{
    uint64_t at;
    if (ctl->terminal.format != OUTPUT_TABLE || !utc_parse(time, &at))
        return time;
    double age = client_server_time(ctl->client) - (double)at;
    return duration_text(age > 0 ? age : 0);
}

const char *output_duration_text(const struct ctl *ctl, const cJSON *ms)
{
    if (ctl->terminal.format != OUTPUT_TABLE || !cJSON_IsNumber(ms))
        return json_value_text(ms);
    return duration_text(ms->valuedouble);
}

const char *output_error_text(const cJSON *error)
{
    const char *code = json_read_text(error, "code"), *detail = json_read_text(error, "detail");
    if (code[0] == '\0')
        return "";
    return keep_format("%s%s%s", words_of_error(code), detail[0] ? ": " : "", detail);
}

const char *gateway_error_text(const cJSON *gateway)
{
    const char *code = json_read_text(gateway, "last_error.code");
    const char *detail = json_read_text(gateway, "last_error.detail");
    return code[0] ? keep_format("%s%s%s", words_find("gateways", code).title,
                                 detail[0] ? ": " : "", detail)
                   : "";
}

const char *output_array_text(const cJSON *array)
{
    const char *text = "";
    const cJSON *one;
    cJSON_ArrayForEach(one, array)
    {
        text = keep_format("%s%s%s", text, text[0] ? " " : "", json_value_text(one));
    }
    return text;
}

enum ctl_status output_read_when(const struct ctl *ctl, enum flag flag, bool may_be_revision,
                                 const char **when)
{
    static const char units[] = "smhd";
    static const double unit_ms[] = {1e3, 60e3, 3600e3, 86400e3};
    struct client_reply reply;
    char *end, text[UTC_TEXT_SIZE];
    uint64_t wall_ms;
    *when = ctl_flag_value(ctl, flag);
    if (!*when || utc_parse(*when, &wall_ms))
        return CTL_DONE;
    double number = isdigit((unsigned char)**when) ? (double)strtol(*when, &end, 10) : -1;
    if (number >= 0 && *end == '\0' && may_be_revision)
        return CTL_DONE;
    const char *unit = number >= 0 && *end && !end[1] ? strchr(units, *end) : NULL;
    if (!unit)
        return ctl_print_usage_error(ctl,
                                     "--%s %s: it must be an age, such as 12h, or a time, such as "
                                     "2026-01-02T03:04:05Z%s",
                                     flag_rows[flag].name, **when ? *when : "\"\"",
                                     may_be_revision ? ", or a revision" : "");
    enum ctl_status status = client_send_checked(
        ctl->client, &(struct client_request){.path = "/session"}, &reply, "the session");
    double at = client_server_time(ctl->client) - number * unit_ms[unit - units];
    utc_format(at > 0 ? (uint64_t)at : 0, text);
    *when = keep_text(text);
    return status;
}
