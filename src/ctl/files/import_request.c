#include "ctl/files/import_request.h"

#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/commands/confirm.h"
#include "ctl/commands/output.h"
#include "ctl/files/upload_progress.h"

static void import_print_csv(const struct ctl *ctl, const struct client_reply *reply)
{
    static const struct table_column columns[] = {
        {.title = "ACTION", .name = "action"},   {.title = "DEVICE", .name = "device"},
        {.title = "TAG", .name = "tag"},         {.title = "TABLE", .name = "table"},
        {.title = "ADDRESS", .name = "address"}, {.title = "BEFORE", .name = "before"},
        {.title = "AFTER", .name = "after"}};
    struct table table;
    TABLE_INIT(&table, columns);
    const cJSON *changes = json_read_array(reply->json, "changes");
    for (const cJSON *change = changes ? changes->child : NULL; change; change = change->next)
        output_fill_row(&table, table_add_row(&table), change);
    table_print(&table, &ctl->terminal);
}

static enum ctl_status import_post(const struct ctl *ctl, const struct import_file *file,
                                   struct client_request *request, struct client_reply *reply)
{
    struct upload_progress progress;
    upload_progress_begin(&progress, &ctl->terminal, file->name, request);
    return client_send(ctl->client, request, reply);
}

enum ctl_status import_send(const struct ctl *ctl, const struct import_file *file, bool is_dry_run)
{
    struct client_reply reply;
    bool is_table = ctl->terminal.format == OUTPUT_TABLE;
    struct client_request request = {
        .path = "/import",
        .query = query_add(file->query, "dry_run", is_dry_run ? "true" : NULL),
        .body = file->bytes,
        .len = file->len,
        .type = file->type,
        .accept = is_table ? "text/plain" : NULL,
        .takes_long = true};
    /* The summary of an import says enough; a dry run is for its list. */
    if (is_table && !is_dry_run)
        request.query = query_add(request.query, "changes", "none");
    enum ctl_status status = import_post(ctl, file, &request, &reply);
    if (status == CTL_DONE && problem_has_code(&reply, "confirm_required")) {
        double deleted = json_read_number(reply.json, "confirm");
        status = confirm_ask(ctl, keep_format("%s: this deletes %.0f devices and tags. Go on?",
                                              file->name, deleted));
        if (status != CTL_DONE)
            return status;
        request.query = query_add_number(request.query, "confirm", (long long)deleted);
        status = import_post(ctl, file, &request, &reply);
    }
    if (status != CTL_DONE)
        return status;
    status = problem_status(&reply);
    bool is_text = strcmp(reply.type, "text/plain") == 0;
    if (status != CTL_DONE && !is_text)
        return problem_print(&reply, file->name);
    if (is_text)
        output_print_lines(ctl, status == CTL_DONE ? stdout : stderr, reply.body);
    else if (ctl->terminal.format == OUTPUT_JSON)
        output_print_json(reply.body);
    else {
        import_print_csv(ctl, &reply);
        problem_print_warnings(&reply, file->name);
    }
    return status;
}
