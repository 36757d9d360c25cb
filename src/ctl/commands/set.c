/* set: changes members of a device, a tag or a profile, or creates it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/commands/change.h"
#include "ctl/commands/change_commands.h"
#include "ctl/commands/difference.h"
#include "ctl/commands/output.h"
#include "ctl/members/member_value.h"

enum { VALUE_FILE_MAX = 1 << 20 };

/* Reads a file without the newline at its end. NULL with the reason in *why. */
static const char *set_read_file(const char *path, const char **why)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        *why = keep_format("%s: %s", path, strerror(errno));
        return NULL;
    }
    char *text = keep_zeroed(VALUE_FILE_MAX + 2);
    size_t len = fread(text, 1, VALUE_FILE_MAX + 1, file);
    bool is_read = !ferror(file);
    int error = errno;
    fclose(file);
    if (!is_read || len > VALUE_FILE_MAX || strlen(text) != len) {
        *why = keep_format("%s%s %s", path, is_read ? "" : ":",
                           !is_read               ? strerror(error)
                           : len > VALUE_FILE_MAX ? "has more than 1 MiB"
                                                  : "is no text: it has a NUL");
        return NULL;
    }
    if (len > 0 && text[len - 1] == '\n')
        text[--len] = '\0';
    if (len > 0 && text[len - 1] == '\r')
        text[--len] = '\0';
    return text;
}

static const struct member_list *set_members(const struct object *object)
{
    return object->kind == OBJECT_DEVICE ? &device_members
           : object->kind == OBJECT_TAG  ? &tag_members
                                         : &profile_members;
}

/* Reads "modbus.scale=0.1" into the body. */
static enum ctl_status set_read_operand(const struct ctl *ctl, const struct object *object,
                                        const char *operand, cJSON *body)
{
    const struct member_list *list = set_members(object);
    const char *equals = strchr(operand, '='), *rest = "", *why = NULL;
    if (!equals || equals == operand)
        return ctl_print_usage_error(ctl, "\"%s\" must be MEMBER=VALUE, such as %s", operand,
                                     object->kind == OBJECT_TAG ? "modbus.scale=0.1"
                                                                : "label=\"Boiler 7\"");
    const char *path = keep_bytes(operand, (size_t)(equals - operand)), *text = equals + 1;
    const struct member *member = member_find(list, path, &rest);
    if (!member)
        return ctl_print_usage_error(ctl, "a %s has no member \"%s\"; %s", list->object, path,
                                     member_suggest(list, path));
    bool is_file = text[0] == '@' && text[1] != '@';
    if (is_file)
        text = set_read_file(text + 1, &why);
    else if (text[0] == '@')
        text++;
    cJSON *value = text ? member_value_read(member, rest, text, is_file, &why) : NULL;
    if (!value)
        return ctl_print_usage_error(ctl, "%s: %s", path, why);
    member_value_put(body, member, rest, value);
    return CTL_DONE;
}

/* Reads the operands behind the object. */
static enum ctl_status set_read_operands(const struct ctl *ctl, const struct object *object,
                                         cJSON *body)
{
    enum ctl_status status = CTL_DONE;
    for (size_t i = 1; i < ctl->operand_count && status == CTL_DONE; i++)
        status = set_read_operand(ctl, object, ctl->operands[i], body);
    return status;
}

/* Prints what an object is now that was created. */
static void set_print_created(const struct ctl *ctl, const struct object *object,
                              const cJSON *resource)
{
    const char *verb = ctl_has_flag(ctl, FLAG_DRY_RUN) ? "would be created" : "created";
    if (ctl->terminal.format == OUTPUT_CSV) {
        const struct differences whole = {&(struct difference){"", NULL, resource}, 1};
        differences_print(ctl, object->text, verb, &whole);
    } else if (object->kind == OBJECT_TAG) {
        text_print_line(stdout, keep_format("%s %s: %s %s (%s), %s", object->text, verb,
                                            json_read_text(resource, "modbus.table"),
                                            json_read_text(resource, "modbus.address"),
                                            json_read_text(resource, "modbus.modicon"),
                                            json_read_text(resource, "modbus.type")));
    } else if (object->kind == OBJECT_DEVICE) {
        text_print_line(stdout, keep_format("%s %s: topic %s, unit %s", object->text, verb,
                                            json_read_text(resource, "mqtt.topic"),
                                            json_read_text(resource, "network.unit_id")));
    } else {
        text_print_line(stdout, keep_format("%s %s", object->text, verb));
    }
}

static enum ctl_status set_create(struct ctl *ctl, const struct object *object, cJSON *body)
{
    struct client_reply reply;
    cJSON_DeleteItemFromObjectCaseSensitive(body, "name");
    cJSON_AddStringToObject(body, "name", object->name);
    const char *json = json_value_json(body);
    const struct client_request request = {
        .path = object->kind == OBJECT_TAG      ? client_path("/devices/{}/tags", object->device)
                : object->kind == OBJECT_DEVICE ? "/devices"
                                                : "/profiles",
        .query = ctl_has_flag(ctl, FLAG_DRY_RUN) ? "dry_run=true" : NULL,
        .body = json,
        .len = strlen(json)};
    enum ctl_status status = client_send_checked(ctl->client, &request, &reply, object->text);
    if (status == CTL_NOT_FOUND && object->kind == OBJECT_TAG)
        fprintf(stderr, "  The device comes first: tagferryctl set %s mqtt.topic=TOPIC --create\n",
                object->device);
    if (status != CTL_DONE)
        return status;
    if (ctl->terminal.format == OUTPUT_JSON)
        output_print_json(reply.body);
    else
        set_print_created(ctl, object, reply.json);
    warnings_print(reply.json);
    return CTL_DONE;
}

static enum ctl_status set_change(struct ctl *ctl, const struct object *object, const cJSON *body,
                                  const struct client_reply *before)
{
    struct client_reply reply;
    enum ctl_status status = change_patch(ctl, object, body, before, &reply);
    if (status != CTL_DONE)
        return status;
    struct differences differences = differences_find(before->json, reply.json);
    if (ctl->terminal.format == OUTPUT_JSON)
        output_print_json(reply.body);
    else if (differences.count == 0 && ctl->terminal.format == OUTPUT_TABLE)
        text_print_line(stdout, keep_format("%s has these values already", object->text));
    else
        differences_print(ctl, object->text,
                          ctl_has_flag(ctl, FLAG_DRY_RUN) ? "would change" : "changed",
                          &differences);
    warnings_print(reply.json);
    return CTL_DONE;
}

enum ctl_status set_run(struct ctl *ctl)
{
    struct object object;
    struct client_reply before;
    const char *why;
    if (!object_read(ctl, ctl->operands[0], OBJECT_DEVICE | OBJECT_TAG | OBJECT_PROFILE, &object))
        return CTL_USAGE;
    cJSON *body = cJSON_CreateObject();
    enum ctl_status status = set_read_operands(ctl, &object, body);
    if (status == CTL_DONE)
        status = client_send(ctl->client, &(struct client_request){.path = object.path}, &before);
    if (status != CTL_DONE) {
        cJSON_Delete(body);
        return status;
    }
    if (before.status == 404 && ctl_has_flag(ctl, FLAG_CREATE)) {
        status = member_address_settle(body, "", &why) ? set_create(ctl, &object, body) : CTL_USAGE;
    } else if (problem_status(&before) != CTL_DONE) {
        status = problem_print(&before, object.text);
        if (status == CTL_NOT_FOUND)
            fputs("  With --create, set creates it.\n", stderr);
    } else if (!member_address_settle(body, json_read_text(before.json, "modbus.table"), &why)) {
        status = ctl_print_usage_error(ctl, "modbus.address: %s", why);
    } else {
        status = set_change(ctl, &object, body, &before);
    }
    cJSON_Delete(body);
    return status;
}
