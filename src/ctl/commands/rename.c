/* rename and move: other names for objects, whose registers and values stay. */
#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/commands/change.h"
#include "ctl/commands/change_commands.h"
#include "ctl/commands/difference.h"
#include "ctl/commands/output.h"

/* Prints the resource as JSON, its differences as CSV, or the sentence. */
static void rename_print(const struct ctl *ctl, const struct object *object,
                         const struct client_reply *before, const struct client_reply *after,
                         const char *sentence)
{
    struct differences differences = differences_find(before->json, after->json);
    if (ctl->terminal.format == OUTPUT_JSON)
        output_print_json(after->body);
    else if (ctl->terminal.format == OUTPUT_CSV)
        differences_print(ctl, object->text,
                          ctl_has_flag(ctl, FLAG_DRY_RUN) ? "would change" : "changed",
                          &differences);
    else
        text_print_line(stdout, sentence);
    warnings_print(after->json);
}

/* What a new name leaves as it is. */
static const char *rename_stays_text(const struct object *object, const cJSON *resource)
{
    if (object->kind == OBJECT_DEVICE)
        return keep_format("its tags, registers and values stay, and so does its topic, %s",
                           json_read_text(resource, "mqtt.topic"));
    if (object->kind == OBJECT_TAG)
        return keep_format("its register %s, its key \"%s\" and its value stay",
                           json_read_text(resource, "modbus.modicon"),
                           json_read_text(resource, "mqtt.key"));
    return "the devices that use it stay as they are";
}

enum ctl_status rename_run(struct ctl *ctl)
{
    struct object object;
    struct client_reply before, reply;
    const char *name = ctl->operands[1];
    if (!object_read(ctl, ctl->operands[0], OBJECT_DEVICE | OBJECT_TAG | OBJECT_PROFILE, &object))
        return CTL_USAGE;
    if (strchr(name, '/') || strncmp(name, "profile:", 8) == 0)
        return ctl_print_usage_error(ctl,
                                     "\"%s\" must be a name alone, without a device; tags are "
                                     "moved with tagferryctl move",
                                     name);
    enum ctl_status status = change_read(ctl, &object, &before);
    if (status != CTL_DONE)
        return status;
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "name", name);
    status = change_patch(ctl, &object, body, &before, &reply);
    cJSON_Delete(body);
    if (status != CTL_DONE)
        return status;
    const char *verb = ctl_has_flag(ctl, FLAG_DRY_RUN) ? "would become" : "is now";
    const char *now = object.kind == OBJECT_TAG       ? keep_format("%s/%s", object.device, name)
                      : object.kind == OBJECT_PROFILE ? keep_format("profile:%s", name)
                                                      : name;
    rename_print(ctl, &object, &before, &reply,
                 keep_format("%s %s %s: %s", object.text, verb, now,
                             rename_stays_text(&object, reply.json)));
    return CTL_DONE;
}

/* The Modbus server and unit of a device: "unit 1", "unit 3 of 10.0.0.9". */
static const char *move_place_text(const cJSON *device)
{
    const char *host = json_read_text(device, "network.modbus_host");
    const char *unit = json_read_text(device, "network.unit_id");
    if (!host[0])
        return keep_format("unit %s", unit);
    return strncmp(host, "serial:", 7) == 0
               ? keep_format("unit %s of %s", unit, host)
               : keep_format("unit %s of %s:%s", unit, host,
                             json_read_text(device, "network.modbus_port"));
}

/* "boiler-7/temp is now boiler-8/temp: ...". */
static const char *move_text(const struct ctl *ctl, const struct object *object,
                             const struct client_reply *reply, const cJSON *from, const cJSON *to)
{
    const char *old_place = move_place_text(from), *place = move_place_text(to);
    const char *topic = json_read_text(reply->json, "mqtt.topic");
    const char *modicon = json_read_text(reply->json, "modbus.modicon");
    bool is_dry = ctl_has_flag(ctl, FLAG_DRY_RUN);
    const char *registers =
        strcmp(old_place, place) == 0
            ? keep_format("its register %s and its value stay", modicon)
            : keep_format("its register is %s in %s, no longer in %s", modicon, place, old_place);
    const char *source = topic[0] ? keep_format("it still reads its own topic, %s", topic)
                                  : keep_format("it reads the key \"%s\" of the topic %s",
                                                json_read_text(reply->json, "mqtt.key"),
                                                json_read_text(to, "mqtt.topic"));
    return keep_format("%s %s %s/%s: %s; %s", object->text, is_dry ? "would become" : "is now",
                       json_read_text(reply->json, "device"), json_read_text(reply->json, "name"),
                       registers, source);
}

enum ctl_status move_run(struct ctl *ctl)
{
    struct object tag, target;
    struct client_reply before, reply, from, to;
    if (!object_read(ctl, ctl->operands[0], OBJECT_TAG, &tag) ||
        !object_read(ctl, ctl->operands[1], OBJECT_DEVICE | OBJECT_TAG, &target))
        return CTL_USAGE;
    const struct object former = {.text = tag.device,
                                  .path = client_path("/devices/{}", tag.device)};
    const struct object device = {.text = target.device,
                                  .path = client_path("/devices/{}", target.device)};
    enum ctl_status status = change_read(ctl, &tag, &before);
    if (status == CTL_DONE)
        status = change_read(ctl, &former, &from);
    if (status == CTL_DONE)
        status = change_read(ctl, &device, &to);
    if (status != CTL_DONE)
        return status;
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "device", target.device);
    if (target.kind == OBJECT_TAG)
        cJSON_AddStringToObject(body, "name", target.tag);
    status = change_patch(ctl, &tag, body, &before, &reply);
    cJSON_Delete(body);
    if (status == CTL_DONE)
        rename_print(ctl, &tag, &before, &reply, move_text(ctl, &tag, &reply, from.json, to.json));
    return status;
}
