/* get: the members of a device, tag or profile. */
#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/client/problem.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/object.h"
#include "ctl/commands/output.h"

/* Members whose own members have a line each. */
static bool get_is_part(const char *name)
{
    static const char *const parts[] = {"network", "mqtt", "modbus"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strcmp(name, parts[i]) == 0)
            return true;
    }
    return false;
}

/* The server sets them: `set` does not take them. */
static bool get_is_read_only(enum object_kind kind, const char *path)
{
    static const char *const names[] = {"id",         "revision", "created_at",
                                        "updated_at", "warnings", "modbus.modicon"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(path, names[i]) == 0)
            return true;
    }
    return (kind == OBJECT_TAG && strcmp(path, "profile") == 0) ||
           (kind == OBJECT_PROFILE && strcmp(path, "devices") == 0);
}

/* A value as `set` takes it: a text as it is, everything else as JSON. */
static const char *get_value_text(const char *path, const cJSON *value)
{
    if (!cJSON_IsString(value))
        return json_value_json(value);
    const char *text = value->valuestring;
    if (text[0] == '@') /* it would name a file */
        return keep_format("@%s", text);
    if (strcmp(path, "mqtt.expire_value") != 0)
        return text;
    /* A scalar: the text "12" is no number. */
    cJSON *json = cJSON_ParseWithOpts(text, NULL, true);
    bool needs_quotes = json != NULL;
    cJSON_Delete(json);
    return needs_quotes ? json_value_json(value) : text;
}

/* Prints a text on a line, without control characters for a terminal. */
static void get_print_text(const struct ctl *ctl, const char *text)
{
    if (ctl->terminal.is_terminal)
        text_print_columns(stdout, text, text_width(text));
    else
        fputs(text, stdout);
}

static void get_print_member(const struct ctl *ctl, enum object_kind kind, const char *path,
                             const cJSON *value)
{
    bool is_read_only = get_is_read_only(kind, path);
    if (ctl->terminal.format == OUTPUT_CSV) {
        table_print_csv_row(stdout, (const char *[]){path, json_value_text(value)}, 2);
        return;
    }
    enum terminal_style style = is_read_only ? STYLE_FAINT : STYLE_PLAIN;
    terminal_begin_style(&ctl->terminal, stdout, style);
    fputs(is_read_only ? "# " : "", stdout);
    get_print_text(ctl, path);
    fputc('=', stdout);
    get_print_text(ctl, is_read_only ? json_value_text(value) : get_value_text(path, value));
    terminal_end_style(&ctl->terminal, stdout, style);
    putchar('\n');
}

static void get_print_all(const struct ctl *ctl, enum object_kind kind, const cJSON *object)
{
    if (ctl->terminal.format == OUTPUT_CSV)
        table_print_csv_row(stdout, (const char *[]){"member", "value"}, 2);
    const cJSON *member, *inner;
    if (!cJSON_IsObject(object))
        return;
    cJSON_ArrayForEach(member, object)
    {
        if (!get_is_part(member->string) || !cJSON_IsObject(member)) {
            get_print_member(ctl, kind, member->string, member);
            continue;
        }
        cJSON_ArrayForEach(inner, member)
        {
            get_print_member(ctl, kind, keep_format("%s.%s", member->string, inner->string), inner);
        }
    }
}

/* Prints the members that the operands name, a line each. */
static enum ctl_status get_print_some(const struct ctl *ctl, const cJSON *object)
{
    enum ctl_status status = CTL_DONE;
    bool is_csv = ctl->terminal.format == OUTPUT_CSV;
    if (is_csv)
        table_print_csv_row(stdout, (const char *[]){"member", "value"}, 2);
    for (size_t i = 1; i < ctl->operand_count; i++) {
        const char *path = ctl->operands[i];
        const cJSON *value = json_read_member(object, path);
        if (!value) {
            fprintf(stderr, "tagferryctl: %s has no member %s\n", ctl->operands[0], path);
            status = CTL_NOT_FOUND;
        } else if (is_csv) {
            table_print_csv_row(stdout, (const char *[]){path, json_value_text(value)}, 2);
        } else if (ctl->terminal.format == OUTPUT_JSON) {
            output_print_json(json_value_json(value));
        } else {
            get_print_text(ctl, json_value_text(value));
            putchar('\n');
        }
    }
    return status;
}

static enum ctl_status get_run(struct ctl *ctl)
{
    struct object object;
    struct client_reply reply;
    if (!object_read(ctl, ctl->operands[0], OBJECT_DEVICE | OBJECT_TAG | OBJECT_PROFILE, &object))
        return CTL_USAGE;
    for (size_t i = 1; i < ctl->operand_count; i++) {
        if (ctl->operands[i][0] == '\0')
            return ctl_print_usage_error(ctl, "\"\" must be MEMBER, such as mqtt.topic");
    }
    const struct client_request request = {.path = object.path};
    enum ctl_status status = client_send_checked(ctl->client, &request, &reply, object.text);
    if (status != CTL_DONE)
        return status;
    if (ctl->operand_count > 1)
        return get_print_some(ctl, reply.json);
    if (ctl->terminal.format == OUTPUT_JSON)
        output_print_json(reply.body);
    else
        get_print_all(ctl, object.kind, reply.json);
    return CTL_DONE;
}

const struct command get_command = {
    .name = "get",
    .operands = "OBJECT [MEMBER]...",
    .fewest = 1,
    .most = COMMAND_ANY,
    .summary = "Show the members of a device, a tag or a profile",
    .details =
        "OBJECT is DEVICE, DEVICE/TAG or profile:NAME. Each member has a line, which the command "
        "set takes as an operand: a text without quotes, everything else as JSON. Lines that begin "
        "with # are members that the server sets.\n\n"
        "With members, such as mqtt.topic, only their values are printed, a line each, without "
        "quotes; null is an empty line. With -o json they are JSON.",
    .completes = {COMPLETES_OBJECT, COMPLETES_MEMBER_NAME},
    .examples = {"tagferryctl get boiler-7", "tagferryctl get boiler-7/setpoint",
                 "tagferryctl get boiler-7/setpoint modbus.modicon modbus.scale",
                 "tagferryctl get profile:meter -o json"},
    .run = get_run};
