/* learn: from topics to devices and tags. */
#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/output.h"
#include "ctl/learn/learn_edit.h"
#include "ctl/learn/learn_listen.h"

enum { TOPICS_MAX = 8, SECONDS_MAX = 3600, SECONDS_DEFAULT = 60 };

/* Begins to listen. *path is that of the discovery. */
static enum ctl_status learn_begin(const struct ctl *ctl, long seconds, const char **path)
{
    struct client_reply reply;
    cJSON *body = cJSON_CreateObject(), *topics = cJSON_AddArrayToObject(body, "topics");
    for (size_t i = 0; i < ctl->operand_count; i++)
        cJSON_AddItemToArray(topics, cJSON_CreateString(ctl->operands[i]));
    cJSON_AddNumberToObject(body, "seconds", (double)seconds);
    struct client_request request = {.path = "/discoveries", .body = json_value_json(body)};
    request.len = strlen(request.body);
    enum ctl_status status = client_send_checked(ctl->client, &request, &reply, "the discovery");
    if (status == CTL_DONE)
        *path = client_path("/discoveries/{}", json_read_text(reply.json, "id"));
    cJSON_Delete(body);
    return status;
}

/* Gets the proposal: CSV, or JSON, which alone has profiles. */
static enum ctl_status learn_get_proposal(const struct ctl *ctl, const char *path, bool is_json,
                                          struct client_reply *reply)
{
    struct client_request request = {.path = keep_format("%s/proposal", path),
                                     .accept = is_json ? NULL : "text/csv",
                                     .takes_long = true};
    for (const char *const *key = ctl->flags[FLAG_KEY]; key && *key; key++)
        request.query = query_add(request.query, "key", *key);
    request.query =
        query_add(request.query, "profile", ctl_has_flag(ctl, FLAG_PROFILE) ? "true" : NULL);
    request.query = query_add(request.query, "unit_id", ctl_flag_value(ctl, FLAG_UNIT));
    request.query = query_add(request.query, "table", ctl_flag_value(ctl, FLAG_TABLE));
    return client_send_checked(ctl->client, &request, reply, "the proposal");
}

/* True if there is a device in it, or a row below the head. */
static bool learn_proposes_any(const struct client_reply *reply, bool is_json)
{
    const char *end = strchr(reply->body, '\n');
    const cJSON *devices = json_read_array(reply->json, "devices");
    return is_json ? cJSON_GetArraySize(devices) > 0 : end && end[1] != '\0';
}

static enum ctl_status learn_run(struct ctl *ctl)
{
    const char *path;
    long seconds = SECONDS_DEFAULT;
    bool is_early = false;
    struct client_reply reply;
    const struct terminal *terminal = &ctl->terminal;
    bool is_live = terminal->is_terminal && terminal->can_ask && terminal->errors_are_on_terminal;
    bool edits = terminal->is_terminal && terminal->can_ask && terminal->format == OUTPUT_TABLE;
    bool is_json = ctl_has_flag(ctl, FLAG_PROFILE) || terminal->format == OUTPUT_JSON;
    if (!ctl_flag_number(ctl, FLAG_SECONDS, 1, SECONDS_MAX, &seconds))
        return CTL_USAGE;
    enum ctl_status status = learn_begin(ctl, seconds, &path);
    if (status != CTL_DONE)
        return status;
    status = learn_listen(ctl, path, seconds, is_live && edits, &is_early);
    if (status == CTL_DONE)
        status = learn_get_proposal(ctl, path, is_json, &reply);
    if (is_early) { /* nobody waits for its end */
        struct client_reply ended;
        client_send(ctl->client, &(struct client_request){.method = "DELETE", .path = path},
                    &ended);
    }
    if (status != CTL_DONE)
        return status;
    bool proposes_any = learn_proposes_any(&reply, is_json);
    if (!proposes_any)
        fputs("Nothing new was heard: no value, or only values that are configured already.\n",
              stderr);
    else if (edits)
        return learn_edit(ctl, reply.body, reply.len, is_json);
    if (edits)
        return CTL_DONE;
    output_print_document(ctl, &reply);
    fflush(stdout);
    if (proposes_any)
        fprintf(stderr,
                "This is the proposal. To import it: tagferryctl import FILE --dry-run, then "
                "without --dry-run.\n");
    return CTL_DONE;
}

const struct command learn_command = {
    .name = "learn",
    .operands = "TOPIC...",
    .fewest = 1,
    .most = TOPICS_MAX,
    .summary = "Listen to topics, and make devices and tags of what comes",
    .details =
        "A topic may have wildcards. What is heard is shown until --seconds are over (60), or q or "
        "Ctrl-C ends it. Then the proposal opens in the editor that VISUAL or EDITOR names, as a "
        "table with a row for each tag: delete the rows that you do not want, change names, types "
        "and addresses. What it would change is shown, or its faults, before it is imported.\n\n"
        "Without a terminal, or with -o csv or -o json, the proposal is printed. What is "
        "configured already is left out.",
    .flags = {FLAG_SECONDS, FLAG_KEY, FLAG_PROFILE, FLAG_UNIT, FLAG_TABLE, FLAG_YES},
    .examples = {"tagferryctl learn 'plant/#'", "tagferryctl learn 'tele/+/SENSOR' --seconds 300",
                 "tagferryctl learn 'plant/#' -o csv > proposal.csv"},
    .run = learn_run};
