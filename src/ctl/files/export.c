/* export: the configuration as a file; backup: a copy of the store. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/output.h"
#include "ctl/files/local_file.h"

static const struct file_format {
    const char *name, *ending, *type;
} export_formats[] = {
    {"json", ".json", "application/json"},
    {"csv", ".csv", "text/csv"},
    {"xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"map", ".html", "text/html"},
    {"kepware", NULL, "text/csv"},
    {"ignition", NULL, "application/json"}};

enum { EXPORT_FORMATS = sizeof export_formats / sizeof export_formats[0] };

/* Prints what a file has become. */
static enum ctl_status export_save(const struct ctl *ctl, const char *path,
                                   const struct client_reply *reply)
{
    static const struct table_column columns[] = {
        {.title = "FILE", .name = "file"}, {.title = "BYTES", .name = "bytes", .is_number = true}};
    struct table table;
    enum ctl_status status = local_file_write(path, reply->body, reply->len);
    if (status != CTL_DONE)
        return status;
    if (ctl->terminal.format == OUTPUT_TABLE) {
        printf("%s written: %zu byte%s\n", path, reply->len, reply->len == 1 ? "" : "s");
        return CTL_DONE;
    }
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "file", path);
    cJSON_AddNumberToObject(json, "bytes", (double)reply->len);
    TABLE_INIT(&table, columns);
    output_fill_row(&table, table_add_row(&table), json);
    if (ctl->terminal.format == OUTPUT_JSON)
        output_print_json(json_value_json(json));
    else
        table_print(&table, &ctl->terminal);
    cJSON_Delete(json);
    return CTL_DONE;
}

/* The format that is asked for: by --format, by the end of the name, by --output. NULL, after a
 * line on standard error, if there is none of that name. */
static const struct file_format *export_find_format(const struct ctl *ctl, const char *path)
{
    const char *asked = ctl_flag_value(ctl, FLAG_FORMAT);
    for (size_t i = 0; i < EXPORT_FORMATS; i++) {
        const struct file_format *format = &export_formats[i];
        size_t len = path ? strlen(path) : 0, end = format->ending ? strlen(format->ending) : 0;
        if (asked ? strcmp(asked, format->name) == 0
                  : end > 0 && len > end && strcasecmp(path + len - end, format->ending) == 0)
            return format;
    }
    const char *end = path ? strrchr(path, '.') : NULL;
    if (!asked && end && end != path && !strchr(end, '/')) {
        ctl_print_usage_error(
            ctl,
            "%s: the end of the name says no format: .json, .csv, .xlsx and .html "
            "do; else name it with --format",
            path);
        return NULL;
    }
    if (!asked)
        return &export_formats[!path && ctl->terminal.format == OUTPUT_CSV];
    ctl_print_usage_error(ctl, "--format %s: it must be json, csv, xlsx, map, kepware or ignition",
                          asked);
    return NULL;
}

static enum ctl_status export_run(struct ctl *ctl)
{
    const char *path = ctl->operands[0];
    struct client_reply reply;
    if (path && strcmp(path, "-") == 0)
        path = NULL;
    const struct file_format *format = export_find_format(ctl, path);
    if (!format)
        return CTL_USAGE;
    bool is_csv_map = strcmp(format->name, "map") == 0 && ctl->terminal.format == OUTPUT_CSV;
    const char *end = path ? strrchr(path, '.') : NULL;
    is_csv_map =
        is_csv_map || (strcmp(format->name, "map") == 0 && end && strcmp(end, ".csv") == 0);
    if (!path && ctl->terminal.is_terminal && strcmp(format->name, "xlsx") == 0)
        return ctl_print_usage_error(ctl, "a workbook is nothing for a terminal: name a file");
    struct client_request request = {.path = "/export",
                                     .query = query_add(NULL, "format", format->name),
                                     .accept = is_csv_map ? "text/csv" : format->type,
                                     .takes_long = true};
    request.query = query_add(request.query, "delimiter", ctl_flag_value(ctl, FLAG_DELIMITER));
    request.query = query_add(request.query, "device", ctl_flag_list(ctl, FLAG_DEVICE));
    request.query = query_add(request.query, "unit", ctl_flag_value(ctl, FLAG_UNIT));
    enum ctl_status status = client_send_checked(ctl->client, &request, &reply, "the export");
    if (status != CTL_DONE)
        return status;
    if (path)
        return export_save(ctl, path, &reply);
    output_print_document(ctl, &reply);
    return CTL_DONE;
}

static enum ctl_status backup_run(struct ctl *ctl)
{
    static const char magic[] = "SQLite format 3";
    const struct client_request request = {
        .path = "/backup", .accept = "application/vnd.sqlite3", .takes_long = true};
    struct client_reply reply;
    enum ctl_status status = client_send_checked(ctl->client, &request, &reply, "the backup");
    if (status != CTL_DONE)
        return status;
    if (reply.len < sizeof magic || memcmp(reply.body, magic, sizeof magic) != 0) {
        fprintf(stderr, "tagferryctl: %s answers with something that is no backup\n",
                client_server(ctl->client));
        return CTL_UNREACHABLE;
    }
    return export_save(ctl, ctl->operands[0], &reply);
}

const struct command export_command = {
    .name = "export",
    .operands = "[FILE]",
    .most = 1,
    .summary = "Write the whole configuration as a file",
    .details =
        "Without --format, the end of the name of FILE says it: .json, .csv, .xlsx, .html for the "
        "register map. Without FILE it goes to standard output, as JSON or as --output or --format "
        "say. FILE is replaced when the new one is whole. JSON has everything, and can be imported "
        "again without a change; map is the list of registers for the engineer of the SCADA "
        "system.\n\n"
        "kepware and ignition are for import into these products; --unit chooses the tags. "
        "--device bounds every format but map; kepware and ignition take one device.",
    .completes = {COMPLETES_FILE},
    .flags = {FLAG_FORMAT, FLAG_DELIMITER, FLAG_DEVICE, FLAG_UNIT},
    .examples = {"tagferryctl export tags.csv", "tagferryctl export --format map map.html",
                 "tagferryctl export kepware.csv --format kepware --unit 1"},
    .run = export_run};

const struct command backup_command = {
    .name = "backup",
    .operands = "FILE",
    .fewest = 1,
    .most = 1,
    .summary = "Save a copy of the store",
    .details = "The copy has devices, tags, profiles and the audit, of one moment. tagferry-api "
               "restore FILE, on the machine of the gateway, puts it in place. FILE is replaced "
               "when the new one is whole. The access tokens are in another file.",
    .completes = {COMPLETES_FILE},
    .examples = {"tagferryctl backup tagferry-$(date +%F).db"},
    .run = backup_run};
