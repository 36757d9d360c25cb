/* The JSON format. Devices are taken one by one, so that a large document needs no large tree. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "api/base/json_split.h"
#include "api/model/record_json.h"
#include "api/transfer/import_formats.h"
#include "common/base/json_text.h"

static void put_at(struct import *import, const char *prefix)
{
    import->flaws.prefix = prefix;
}

/* The name, as far as the object has one. */
static const char *name_of(const cJSON *object)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "name");
    return cJSON_IsString(name) ? name->valuestring : "";
}

static void take_tag(struct import *import, struct import_device *device, const cJSON *object)
{
    struct record tag, old;
    if (!import_tag(import, device, name_of(object), &tag, &old)) {
        flaws_add(&import->flaws, NULL, "name", "duplicate", "is in the device twice");
        return;
    }
    struct server_set set = {.device = *device->name ? device->name : NULL, .from_export = true};
    record_read(&tag_resource, object, false, &set, &import->flaws, &tag);
    import_put_tag(import, device, &old, &tag);
}

static void take_tags(struct import *import, struct import_device *device, const cJSON *tags,
                      const char *prefix)
{
    int number = 0;
    const cJSON *tag;
    if (tags && !cJSON_IsArray(tags)) {
        flaws_add(&import->flaws, NULL, "tags", "wrong_type", "must be an array");
        return;
    }
    cJSON_ArrayForEach(tag, tags)
    {
        put_at(import, arena_format(import->registry.arena, "%s/tags/%d", prefix, number++));
        if (cJSON_IsObject(tag))
            take_tag(import, device, tag);
        else
            flaws_add_at(&import->flaws, "", "wrong_type", "must be an object");
    }
}

static void take_device(struct import *import, cJSON *object, const char *prefix)
{
    bool again;
    put_at(import, prefix);
    if (!cJSON_IsObject(object)) {
        flaws_add_at(&import->flaws, "", "wrong_type", "must be an object");
        return;
    }
    cJSON *tags = cJSON_DetachItemFromObjectCaseSensitive(object, "tags");
    struct import_device *device = import_device(import, name_of(object), &again);
    if (again) {
        flaws_add(&import->flaws, NULL, "name", "duplicate", "is in the document twice");
    } else {
        struct server_set set = {.from_export = true};
        record_read(&device_resource, object, false, &set, &import->flaws, &device->record);
        import_put_device(import, device);
        take_tags(import, device, tags, prefix);
    }
    cJSON_Delete(tags);
}

static void take_devices(struct import *import, const struct json_part *devices)
{
    struct json_walk walk;
    struct json_part part;
    int number = 0;
    if (!json_enter(devices, '[', &walk)) {
        flaws_add(&import->flaws, NULL, "devices", "wrong_type", "must be an array");
        return;
    }
    while (json_next_element(&walk, &part)) {
        cJSON *object = cJSON_ParseWithLength(part.text, part.len);
        take_device(import, object, arena_format(import->registry.arena, "/devices/%d", number++));
        cJSON_Delete(object);
    }
    put_at(import, "");
}

/* Finds the one member "devices". */
static bool find_devices(struct import *import, const char *body, size_t len,
                         struct json_part *devices)
{
    struct json_walk walk;
    struct json_part whole = json_whole(body, len), key, value;
    struct flaws *flaws = &import->flaws;
    bool found = false;
    if (!json_enter(&whole, '{', &walk)) {
        flaws_add_at(flaws, "", "wrong_type", "must be an object");
        return false;
    }
    while (json_next_member(&walk, &key, &value)) {
        if (!json_key_is(&key, "devices")) {
            const char *name = arena_copy(flaws->arena, key.text + 1, key.len - 2);
            flaws_add(flaws, NULL, pointer_escape(flaws->arena, name), "unknown_field",
                      "is no member of this document");
        } else if (found) {
            flaws_add(flaws, NULL, "devices", "duplicate", "is there twice");
        } else {
            *devices = value;
            found = true;
        }
    }
    if (!found)
        flaws_add(flaws, NULL, "devices", "required", "is required");
    return found;
}

bool import_json(struct import *import, const char *body, size_t len, char *why, size_t why_size)
{
    struct json_part devices;
    import->base = import->replace ? BASE_DEFAULT : BASE_OLD;
    if (!json_check(body, len, why, why_size))
        return false;
    if (find_devices(import, body, len, &devices)) {
        take_devices(import, &devices);
        import_end(import);
    }
    return true;
}
