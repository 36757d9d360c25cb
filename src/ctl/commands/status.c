/* status: whether the gateway does its job, and what is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/output.h"
#include "ctl/output/words.h"

enum { CAUSES_SHOWN = 8, CAUSE_DEVICES_NAMED = 3 };

/* What status asks for, in this order. The names are the members of its JSON. */
enum status_part {
    STATUS_READYZ,
    STATUS_SESSION,
    STATUS_GATEWAYS,
    STATUS_DEVICES, /* how many are not good */
    STATUS_TAGS,    /* how many there are */
    STATUS_VALUES,  /* that are not good */
    STATUS_PARTS
};

static const struct {
    const char *name, *path, *query;
} status_requests[STATUS_PARTS] = {
    [STATUS_READYZ] = {"readyz", "/readyz", NULL},
    [STATUS_SESSION] = {"session", "/session", NULL},
    [STATUS_GATEWAYS] = {"gateways", "/gateways", NULL},
    [STATUS_DEVICES] = {"devices", "/devices", "quality=bad,stale,never&limit=1"},
    [STATUS_TAGS] = {"tags", "/tags", "limit=1"},
    [STATUS_VALUES] = {"values", "/values", "quality=bad,stale,never&limit=200"},
};

static const struct table_column status_columns[] = {
    {.title = "PART", .name = "part"},
    {.title = "STATE", .name = "state"},
    {.title = "DETAIL", .name = "detail", .is_long = true}};

static void status_add_line(struct table *table, const char *name, const char *value,
                            enum terminal_style style, const char *detail)
{
    struct table_cell *row = table_add_row(table);
    row[0].text = name;
    row[1] = (struct table_cell){value, style};
    row[2].text = detail;
}

static void status_add_parts(const struct ctl *ctl, struct table *table, const cJSON *readyz)
{
    static const char *const parts[] = {"mqttd", "modbusd", "broker", "store"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const cJSON *part = json_read_member(readyz, parts[i]);
        const char *state = json_read_text(part, "state"), *text = json_read_text(part, "reason");
        const char *detail = json_read_text(part, "detail");
        const char *since = output_time_text(ctl, json_read_text(part, "since"));
        bool is_up = strcmp(state, "up") == 0;
        if (text[0] || detail[0])
            text = keep_format("%s%s%s", words_of_part(text), text[0] && detail[0] ? ": " : "",
                               detail);
        if (since[0])
            text = keep_format("%s%s%s %s", text, text[0] ? ", " : "",
                               ctl->terminal.format == OUTPUT_TABLE ? "for" : "since", since);
        status_add_line(table, parts[i], state, is_up ? STYLE_GOOD : STYLE_WRONG, text);
    }
}

/* The role, where several gateways share a configuration. */
static void status_add_role(struct table *table, const cJSON *gateways)
{
    const cJSON *items = json_read_array(gateways, "items"), *self = NULL, *item;
    cJSON_ArrayForEach(item, items)
    {
        if (json_read_bool(item, "self"))
            self = item;
    }
    const char *role = json_read_text(self, "role"), *name = json_read_text(self, "name");
    const char *leader = json_read_text(self, "leader");
    const char *error = json_read_text(self, "last_error.code");
    if (cJSON_GetArraySize(items) < 2 && !leader[0] && !error[0] && !name[0])
        return;
    const char *text =
        keep_format("%s%sterm %s", name, name[0] ? ", " : "", json_read_text(self, "term"));
    if (leader[0])
        text = keep_format("%s, follows %s", text, leader);
    if (json_read_member(self, "lag_s") && !cJSON_IsNull(json_read_member(self, "lag_s")))
        text = keep_format("%s, %s behind", text,
                           duration_text(1000 * json_read_number(self, "lag_s")));
    if (error[0])
        text = keep_format("%s: %s", text, gateway_error_text(self));
    status_add_line(table, "role", role, error[0] ? STYLE_WRONG : STYLE_GOOD, text);
}

/* Tags that are not good for the same reason. */
struct cause {
    const char *reason, *quality;
    const cJSON *newest; /* the value with the newest error, or else the newest one */
    const char *at;      /* of it */
    size_t tags, devices;
    const char *names; /* of the first devices */
    const char *last_device;
};

/* When it became wrong, as far as that is known. */
static const char *cause_time(const cJSON *value)
{
    const char *at = json_read_text(value, "last_error.at");
    return at[0] ? at : json_read_text(value, "received_at");
}

static void cause_add_value(struct cause *cause, const cJSON *value)
{
    const char *device = json_read_text(value, "device"), *at = cause_time(value);
    if (!cause->newest || strcmp(at, cause->at) > 0) {
        cause->newest = value;
        cause->at = at;
    }
    cause->tags++;
    if (cause->last_device && strcmp(cause->last_device, device) == 0) /* they are in order */
        return;
    cause->last_device = device;
    if (cause->devices++ < CAUSE_DEVICES_NAMED)
        cause->names = cause->devices == 1 ? device : keep_format("%s, %s", cause->names, device);
}

/* The newest first; the times have one form. */
static int cause_compare(const void *left, const void *right)
{
    const struct cause *a = left, *b = right;
    int order = strcmp(b->at, a->at);
    return order ? order : strcmp(a->reason, b->reason);
}

/* "2 tags of meter-1, 12 s ago: not a number: hot" */
static const char *cause_text(const struct ctl *ctl, const struct cause *cause)
{
    const char *text =
        keep_format("%zu %s of %s", cause->tags, cause->tags == 1 ? "tag" : "tags", cause->names);
    const char *error = output_error_text(json_read_member(cause->newest, "last_error"));
    if (cause->devices > CAUSE_DEVICES_NAMED)
        text = keep_format("%s and %zu more", text, cause->devices - CAUSE_DEVICES_NAMED);
    if (cause->at[0])
        text = keep_format("%s, %s%s", text, output_time_text(ctl, cause->at),
                           ctl->terminal.format == OUTPUT_TABLE ? " ago" : "");
    return keep_format("%s: %s", text, error[0] ? error : words_of_reason(cause->reason));
}

static void status_add_causes(const struct ctl *ctl, struct table *table, const cJSON *values)
{
    const cJSON *items = json_read_array(values, "items"), *value;
    struct cause *causes = keep_zeroed((size_t)(cJSON_GetArraySize(items) + 1) * sizeof *causes);
    size_t count = 0, at;
    cJSON_ArrayForEach(value, items)
    {
        const char *reason = json_read_text(value, "reason");
        for (at = 0; at < count && strcmp(causes[at].reason, reason) != 0;)
            at++;
        if (at == count)
            causes[count++] =
                (struct cause){.reason = reason, .quality = json_read_text(value, "quality")};
        cause_add_value(&causes[at], value);
    }
    qsort(causes, count, sizeof *causes, cause_compare);
    for (size_t i = 0; i < count && i < CAUSES_SHOWN; i++)
        status_add_line(table, "cause", causes[i].reason, terminal_quality_style(causes[i].quality),
                        cause_text(ctl, &causes[i]));
}

/* "of 66: 3 bad, 4 stale, 3 never" */
static const char *status_wrong_text(const cJSON *tags, const cJSON *values)
{
    static const char *const qualities[] = {"bad", "stale", "never"};
    double total = json_read_number(tags, "total");
    const cJSON *items = json_read_array(values, "items"), *value;
    const char *text = keep_format("of %.0f", total);
    if (json_read_number(values, "total") > cJSON_GetArraySize(items))
        return text;
    for (size_t i = 0; i < sizeof qualities / sizeof qualities[0]; i++) {
        size_t count = 0;
        cJSON_ArrayForEach(value, items)
        {
            if (strcmp(json_read_text(value, "quality"), qualities[i]) == 0)
                count++;
        }
        if (count > 0)
            text = keep_format("%s%s %zu %s", text, strchr(text, ':') ? "," : ":", count,
                               qualities[i]);
    }
    return text;
}

static void status_print_table(const struct ctl *ctl, const struct client_reply *replies)
{
    struct table table;
    bool is_ready = replies[STATUS_READYZ].status == 200;
    double devices = 0, wrong_devices = json_read_number(replies[STATUS_DEVICES].json, "total");
    double wrong_tags = json_read_number(replies[STATUS_VALUES].json, "total");
    const cJSON *item;
    cJSON_ArrayForEach(item, json_read_array(replies[STATUS_GATEWAYS].json, "items"))
    {
        if (json_read_bool(item, "self"))
            devices = json_read_number(item, "devices");
    }
    TABLE_INIT(&table, status_columns);
    status_add_line(&table, "gateway", is_ready ? "ready" : "not ready",
                    is_ready ? STYLE_GOOD : STYLE_WRONG,
                    keep_format("%s, version %s, revision %s", client_server(ctl->client),
                                json_read_text(replies[STATUS_SESSION].json, "version"),
                                json_read_text(replies[STATUS_READYZ].json, "revision")));
    status_add_parts(ctl, &table, replies[STATUS_READYZ].json);
    status_add_role(&table, replies[STATUS_GATEWAYS].json);
    status_add_line(
        &table, "devices", wrong_devices > 0 ? keep_format("%.0f not good", wrong_devices) : "good",
        wrong_devices > 0 ? STYLE_WARNING : STYLE_GOOD, keep_format("of %.0f", devices));
    status_add_line(&table, "tags",
                    wrong_tags > 0 ? keep_format("%.0f not good", wrong_tags) : "good",
                    wrong_tags > 0 ? STYLE_WARNING : STYLE_GOOD,
                    status_wrong_text(replies[STATUS_TAGS].json, replies[STATUS_VALUES].json));
    status_add_causes(ctl, &table, replies[STATUS_VALUES].json);
    table_print(&table, &ctl->terminal);
}

static enum ctl_status status_run(struct ctl *ctl)
{
    struct client_reply replies[STATUS_PARTS];
    const char *json = "";
    for (size_t i = 0; i < STATUS_PARTS; i++) {
        const struct client_request request = {.path = status_requests[i].path,
                                               .query = status_requests[i].query,
                                               .is_root = i == STATUS_READYZ};
        /* Of /readyz, 503 is an answer, too: not everything is up. */
        enum ctl_status status =
            i == STATUS_READYZ
                ? client_send(ctl->client, &request, &replies[i])
                : client_send_checked(ctl->client, &request, &replies[i], status_requests[i].name);
        if (status != CTL_DONE)
            return status;
        if (ctl->terminal.format == OUTPUT_JSON)
            json = keep_format("%s%s\"%s\":%s", json, i > 0 ? "," : "", status_requests[i].name,
                               replies[i].body);
    }
    if (ctl->terminal.format == OUTPUT_JSON)
        output_print_json(keep_format("{%s}", json));
    else
        status_print_table(ctl, replies);
    bool is_ready = replies[STATUS_READYZ].status == 200;
    return is_ready || !ctl_has_flag(ctl, FLAG_CHECK) ? CTL_DONE : CTL_REFUSED;
}

const struct command status_command = {
    .name = "status",
    .most = 0,
    .summary = "Show whether the gateway does its job",
    .details =
        "The parts of the gateway, its role where several share a configuration, how many devices "
        "and tags are not good, and why: the newest causes first, each with the number of tags, "
        "among the first 200 tags that are not good. tagferryctl value --wrong lists these, "
        "tagferryctl why explains one.\n\n"
        "With --check, exit status 1 says that a part does not work.",
    .flags = {FLAG_CHECK},
    .examples = {"tagferryctl status", "tagferryctl status --check || mail-the-operator"},
    .run = status_run};
