/* write: a value into the register of a tag. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/client/problem.h"
#include "ctl/commands/change.h"
#include "ctl/commands/change_commands.h"
#include "ctl/commands/confirm.h"
#include "ctl/commands/output.h"
#include "ctl/members/member_value.h"

/* An integer of more digits is exact only as a text. */
enum { EXACT_DIGITS = 15 };

/* The text of the command line as the JSON that the type of the tag wants. */
static const char *write_value_json(const cJSON *tag, const char *text)
{
    bool is_string = strcmp(json_read_text(tag, "modbus.type"), "string") == 0;
    bool is_long_integer =
        strlen(text) > EXACT_DIGITS &&
        text[(text[0] == '-') + strspn(text + (text[0] == '-'), "0123456789")] == '\0';
    if (is_string || is_long_integer)
        return json_quote_text(text);
    cJSON *value = member_value_read_scalar(text);
    const char *json = cJSON_IsNull(value) ? json_quote_text(text) : json_value_json(value);
    cJSON_Delete(value);
    return json;
}

/* What writing does, by who else sets the register. */
static const char *write_effect_text(const cJSON *tag)
{
    const char *direction = json_read_text(tag, "direction");
    const char *topic = json_read_text(tag, "mqtt.command_topic");
    if (strcmp(direction, "to_modbus") == 0)
        return "The device sets this tag over MQTT: its next message replaces the value.";
    return keep_format(
        "This is a command as SCADA gives it: it is published%s%s%s.", topic[0] ? " to " : "",
        topic,
        strcmp(direction, "both") == 0 ? ", and the device may answer with another value" : "");
}

static const char *write_shown_text(const cJSON *value, const cJSON *tag)
{
    const cJSON *item = json_read_member(value, "value");
    const char *unit = json_read_text(tag, "unit");
    if (!item || cJSON_IsNull(item))
        return "unknown";
    return keep_format("%s%s%s", json_value_text(item), unit[0] ? " " : "", unit);
}

/* Asks, then writes; `old` is the value before. */
static enum ctl_status write_send(struct ctl *ctl, const struct object *object,
                                  const struct client_reply *tag, const struct client_reply *old)
{
    struct client_reply reply;
    const char *text = ctl->operands[1], *before = write_shown_text(old->json, tag->json);
    const char *json = keep_format("{\"value\":%s}", write_value_json(tag->json, text));
    const char *shown = json_read_text(old->json, "value");
    const char *question = keep_format("%s is %s now (register %s). Write %s?", object->text,
                                       before, json_read_text(tag->json, "modbus.modicon"), text);
    if (!ctl_has_flag(ctl, FLAG_YES))
        text_print_line(stderr, write_effect_text(tag->json));
    enum ctl_status status = confirm_ask(ctl, question);
    if (status != CTL_DONE)
        return status;
    const struct client_request request = {.method = "PUT",
                                           .path = keep_format("%s/value", object->path),
                                           .body = json,
                                           .len = strlen(json),
                                           .if_match = tag->etag};
    status = client_send_checked(ctl->client, &request, &reply, object->text);
    if (status == CTL_CHANGED)
        fprintf(stderr, "  The settings of the tag have changed: nothing was written.\n");
    if (status != CTL_DONE)
        return status;
    if (ctl->terminal.format == OUTPUT_JSON) {
        output_print_json(reply.body);
    } else if (ctl->terminal.format == OUTPUT_CSV) {
        static const struct table_column columns[] = {
            {.name = "device"}, {.name = "tag"}, {.name = "before"}, {.name = "value"}};
        struct table table;
        TABLE_INIT(&table, columns);
        struct table_cell *row = table_add_row(&table);
        output_fill_row(&table, row, reply.json);
        row[2].text = json_read_text(old->json, "value");
        table_print(&table, &ctl->terminal);
    } else {
        text_print_line(stdout, keep_format("%s written: %s -> %s, read back %s", object->text,
                                            shown[0] ? shown : "unknown", text,
                                            write_shown_text(reply.json, tag->json)));
    }
    return CTL_DONE;
}

enum ctl_status write_run(struct ctl *ctl)
{
    struct object object;
    struct client_reply tag, old;
    if (!object_read(ctl, ctl->operands[0], OBJECT_TAG, &object))
        return CTL_USAGE;
    enum ctl_status status = change_read(ctl, &object, &tag);
    if (status == CTL_DONE)
        status = client_send_checked(
            ctl->client, &(struct client_request){.path = keep_format("%s/value", object.path)},
            &old, object.text);
    return status == CTL_DONE ? write_send(ctl, &object, &tag, &old) : status;
}
