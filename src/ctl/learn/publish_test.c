/* publish-test: what a message would write, without being published. */
#include <stdio.h>
#include <string.h>

#include "common/model/topic.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/object.h"
#include "ctl/commands/output.h"
#include "ctl/files/local_file.h"

/* Reads the operand: @FILE, - or the payload itself. */
static enum ctl_status publish_read_payload(const char *operand, const char **payload)
{
    enum ctl_status status = CTL_DONE;
    size_t len;
    *payload = operand;
    if (operand[0] == '@' || strcmp(operand, "-") == 0) {
        status = local_file_read(operand[0] == '@' ? operand + 1 : operand, payload, &len);
        if (status == CTL_DONE && strlen(*payload) != len) {
            fprintf(stderr, "tagferryctl: %s has bytes that are no text\n", operand);
            status = CTL_REFUSED;
        }
    }
    return status;
}

/* The body of the request for one tag. */
static const char *publish_write_body(const char *device, const char *tag, const char *topic,
                                      const char *payload)
{
    cJSON *body = cJSON_CreateObject(), *message = cJSON_AddObjectToObject(body, "message");
    cJSON_AddStringToObject(body, "device", device);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "tag"), "name", tag);
    if (topic)
        cJSON_AddStringToObject(message, "topic", topic);
    cJSON_AddStringToObject(message, "payload", payload);
    const char *json = json_value_json(body);
    cJSON_Delete(body);
    return json;
}

/* Why nothing would be written, in words. The preview's own codes have a sentence; those of values
 * have the value. */
static const char *publish_error_text(const cJSON *error)
{
    static const char *const own[] = {"key_not_found", "no_values", "other_topic", "other_device",
                                      "not_text"};
    const char *code = json_read_text(error, "code");
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strcmp(code, own[i]) == 0)
            return json_read_text(error, "detail");
    }
    return output_error_text(error);
}

static const char *publish_registers_text(const cJSON *preview)
{
    const cJSON *words = json_read_array(preview, "hex");
    const char *text = "";
    for (const cJSON *word = words ? words->child : NULL; word; word = word->next)
        text = keep_format("%s%s%s", text, text[0] ? " " : "", json_value_text(word));
    return text;
}

/* Names of the tags, from their list or from the operand. */
static enum ctl_status publish_list_tags(const struct ctl *ctl, const struct object *object,
                                         const char ***names, size_t *count)
{
    struct pages pages = {.count = 1};
    struct client_reply reply;
    enum ctl_status status =
        object->kind == OBJECT_DEVICE
            ? pages_get(ctl->client, keep_format("%s/tags", object->path), NULL, 0,
                        keep_format("the device %s", object->name), &pages)
            : client_send_checked(ctl->client, &(struct client_request){.path = object->path},
                                  &reply, keep_format("the tag %s", object->text));
    if (status != CTL_DONE)
        return status;
    *count = pages.count;
    *names = keep_zeroed((pages.count + 1) * sizeof **names);
    for (size_t i = 0; i < pages.count; i++)
        (*names)[i] = object->tag ? object->tag : json_read_text(pages.items[i], "name");
    return CTL_DONE;
}

/* The topic of the message: --topic; of a whole device, its own if that has no wildcard, so that it
 * is no message for tags with topics of their own; else NULL: that of the tag. */
static enum ctl_status publish_find_topic(const struct ctl *ctl, const struct object *object,
                                          const char **topic)
{
    struct client_reply reply;
    *topic = ctl_flag_value(ctl, FLAG_TOPIC);
    if (*topic || object->kind != OBJECT_DEVICE)
        return CTL_DONE;
    enum ctl_status status =
        client_send_checked(ctl->client, &(struct client_request){.path = object->path}, &reply,
                            keep_format("the device %s", object->name));
    const char *filter = status == CTL_DONE ? json_read_text(reply.json, "mqtt.topic") : "";
    if (filter[0] && !topic_has_wildcard(filter))
        *topic = topic_filter_body(filter);
    return status;
}

static enum ctl_status publish_test_run(struct ctl *ctl)
{
    static const struct table_column columns[] = {
        {.title = "TAG", .name = "tag"},
        {.title = "FOUND", .name = "found"},
        {.title = "JSON", .name = "json", .is_long = true, .drop = 2},
        {.title = "VALUE", .name = "value", .is_number = true},
        {.title = "REGISTERS", .name = "hex"},
        {.title = "TABLE", .name = "table", .drop = 1},
        {.title = "MODICON", .name = "modicon", .is_number = true},
        {.title = "ERROR", .name = "error", .is_long = true}};
    enum { FOUND = 1, HEX = 4, ERROR = 7 };
    struct object object;
    struct table table;
    const char **names, *payload, *topic, *json = "";
    size_t count;
    bool has_errors = false;
    if (!object_read(ctl, ctl->operands[0], OBJECT_DEVICE | OBJECT_TAG, &object))
        return CTL_USAGE;
    enum ctl_status status = publish_read_payload(ctl->operands[1], &payload);
    if (status == CTL_DONE)
        status = publish_find_topic(ctl, &object, &topic);
    if (status == CTL_DONE)
        status = publish_list_tags(ctl, &object, &names, &count);
    TABLE_INIT(&table, columns);
    for (size_t i = 0; status == CTL_DONE && i < count; i++) {
        struct client_reply reply;
        struct client_request request = {.path = "/discoveries/preview"};
        request.body = publish_write_body(object.device, names[i], topic, payload);
        request.len = strlen(request.body);
        const char *what = keep_format("%s/%s", object.device, names[i]);
        status = client_send_checked(ctl->client, &request, &reply, what);
        if (status != CTL_DONE)
            return status;
        struct table_cell *row = table_add_row(&table);
        const cJSON *error = json_read_member(reply.json, "error");
        bool is_error = cJSON_IsObject(error);
        output_fill_row(&table, row, reply.json);
        row[FOUND].text = json_read_bool(reply.json, "found") ? "yes" : "no";
        row[HEX].text = publish_registers_text(reply.json);
        row[ERROR] = (struct table_cell){is_error ? publish_error_text(error) : "", STYLE_WRONG};
        has_errors = has_errors || is_error;
        json = keep_format("%s%s%s", json, i > 0 ? "," : "", reply.body);
    }
    if (status != CTL_DONE)
        return status;
    if (ctl->terminal.format == OUTPUT_JSON)
        output_print_json(keep_format("{\"items\":[%s]}", json));
    else
        table_print(&table, &ctl->terminal);
    return has_errors && ctl_has_flag(ctl, FLAG_CHECK) ? CTL_REFUSED : CTL_DONE;
}

const struct command publish_test_command = {
    .name = "publish-test",
    .operands = "DEVICE[/TAG] PAYLOAD|@FILE|-",
    .fewest = 2,
    .most = 2,
    .summary = "Show what a message would write, without publishing it",
    .details = "For each tag of the device, or the one tag: whether the message has its key, the "
               "value, and the registers, in hexadecimal; or why nothing would be written. Nothing "
               "is published or written. @FILE has the payload, - reads it from standard input. "
               "Without --topic, the message is one of the device's topic.",
    .completes = {COMPLETES_OBJECT, COMPLETES_NOTHING},
    .flags = {FLAG_TOPIC, FLAG_CHECK},
    .examples = {"tagferryctl publish-test boiler-7 '{\"supply_temperature\": 71.5}'",
                 "mosquitto_sub -C 1 -t plant/boiler-7/telemetry | tagferryctl publish-test "
                 "boiler-7 -"},
    .run = publish_test_run};
