/* token: who the access token is. `token save` is in token_save.c. */
#include "ctl/commands/token.h"

#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/output.h"

const char *token_scope_text(const cJSON *session)
{
    const char *scope = json_read_text(session, "scope");
    return strcmp(scope, "write") == 0  ? "may read and change everything"
           : strcmp(scope, "read") == 0 ? "may read, and change nothing"
                                        : scope;
}

static enum ctl_status token_show(struct ctl *ctl)
{
    static const struct table_column columns[] = {
        {.title = "TOKEN", .name = "name"},
        {.title = "SCOPE", .name = "scope", .is_long = true},
        {.title = "SERVER", .name = "server"},
        {.title = "VERSION", .name = "version"},
        {.name = "tokens", .in_csv_only = true},
    };
    enum { NAME, SCOPE, SERVER };
    struct client_reply reply;
    struct table table;
    ctl->client = client_create(&ctl->settings);
    if (!ctl->client)
        return CTL_USAGE;
    enum ctl_status status;
    if (!output_ask(ctl, &(struct client_request){.path = "/session"}, "the token", &reply,
                    &status))
        return status;
    TABLE_INIT(&table, columns);
    struct table_cell *row = table_add_row(&table);
    output_fill_row(&table, row, reply.json);
    row[SERVER].text = client_server(ctl->client);
    if (ctl->terminal.format == OUTPUT_TABLE) {
        row[SCOPE].text = token_scope_text(reply.json);
        if (!json_read_bool(reply.json, "tokens"))
            row[NAME].text = "(not needed)";
    }
    table_print(&table, &ctl->terminal);
    return CTL_DONE;
}

static enum ctl_status token_run(struct ctl *ctl)
{
    if (ctl->operand_count == 0)
        return token_show(ctl);
    if (strcmp(ctl->operands[0], "save") == 0)
        return token_save(ctl);
    return ctl_print_usage_error(ctl, "\"%s\" must be save, or nothing", ctl->operands[0]);
}

const struct command token_command = {
    .name = "token",
    .operands = "[save]",
    .most = 1,
    .summary = "Show who the access token is, or save one",
    .details =
        "Without an operand, the name of the token and what it may do. A server that uses no "
        "tokens says so.\n\n"
        "token save reads a token from the standard input, on a terminal without showing it, asks "
        "the server whether it is valid, and stores it in the token file, which only you can read: "
        "the one of --token-file or ctl.conf, else ~/.config/tagferry/token, which it then names "
        "in ctl.conf. The token itself is never printed.\n\n"
        "tagferry-api makes tokens: tagferry-api token add NAME.",
    .completes = {COMPLETES_NOTHING},
    .examples = {"tagferryctl token", "tagferryctl token save",
                 "tagferryctl token save --url https://10.0.0.1:5000 < token.txt"},
    .without_client = true,
    .run = token_run};
