/* The JSON format. Devices are taken one by one, so that a large document needs no large tree. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "api/base/json_split.h"
#include "api/model/record_json.h"
#include "api/transfer/import_formats.h"
#include "common/base/json_text.h"

static void import_set_pointer(struct import *import, const char *prefix)
{
    import->validation.prefix = prefix;
}

/* The name, as far as the object has one. */
static const char *json_object_name(const cJSON *object)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "name");
    return cJSON_IsString(name) ? name->valuestring : "";
}

static void import_json_tag(struct import *import, struct import_device *device,
                            const cJSON *object)
{
    struct record tag, old;
    if (!import_read_tag(import, device, json_object_name(object), &tag, &old)) {
        validation_add(&import->validation, NULL, "name", "duplicate", "is in the device twice");
        return;
    }
    struct read_only_values set = {.device = *device->name ? device->name : NULL,
                                   .from_export = true};
    record_json_read(&tag_resource, object, false, &set, &import->validation, &tag);
    import_store_tag(import, device, &old, &tag);
}

static void import_json_tags(struct import *import, struct import_device *device, const cJSON *tags,
                             const char *prefix)
{
    int number = 0;
    const cJSON *tag;
    if (tags && !cJSON_IsArray(tags)) {
        validation_add(&import->validation, NULL, "tags", "wrong_type", "must be an array");
        return;
    }
    cJSON_ArrayForEach(tag, tags)
    {
        import_set_pointer(
            import, arena_format(import->config_service.arena, "%s/tags/%d", prefix, number++));
        if (cJSON_IsObject(tag))
            import_json_tag(import, device, tag);
        else
            validation_add_at(&import->validation, "", "wrong_type", "must be an object");
    }
}

static void import_json_device(struct import *import, cJSON *object, const char *prefix)
{
    bool again;
    import_set_pointer(import, prefix);
    if (!cJSON_IsObject(object)) {
        validation_add_at(&import->validation, "", "wrong_type", "must be an object");
        return;
    }
    cJSON *tags = cJSON_DetachItemFromObjectCaseSensitive(object, "tags");
    struct import_device *device = import_find_device(import, json_object_name(object), &again);
    if (again) {
        validation_add(&import->validation, NULL, "name", "duplicate", "is in the document twice");
    } else {
        struct read_only_values set = {.from_export = true};
        record_json_read(&device_resource, object, false, &set, &import->validation,
                         &device->record);
        import_store_device(import, device);
        import_json_tags(import, device, tags, prefix);
    }
    cJSON_Delete(tags);
}

static void import_json_devices(struct import *import, const struct json_part *devices)
{
    struct json_walk walk;
    struct json_part part;
    int number = 0;
    if (!json_split_enter(devices, '[', &walk)) {
        validation_add(&import->validation, NULL, "devices", "wrong_type", "must be an array");
        return;
    }
    while (json_split_next_element(&walk, &part)) {
        cJSON *object = cJSON_ParseWithLength(part.text, part.len);
        import_json_device(import, object,
                           arena_format(import->config_service.arena, "/devices/%d", number++));
        cJSON_Delete(object);
    }
    import_set_pointer(import, "");
}

/* Finds the one member "devices". */
static bool find_json_devices(struct import *import, const char *body, size_t len,
                              struct json_part *devices)
{
    struct json_walk walk;
    struct json_part whole = json_split_root(body, len), key, value;
    struct validation *validation = &import->validation;
    bool found = false;
    if (!json_split_enter(&whole, '{', &walk)) {
        validation_add_at(validation, "", "wrong_type", "must be an object");
        return false;
    }
    while (json_split_next_member(&walk, &key, &value)) {
        if (!json_split_key_equals(&key, "devices")) {
            const char *name = arena_strndup(validation->arena, key.text + 1, key.len - 2);
            validation_add(validation, NULL, json_pointer_escape(validation->arena, name),
                           "unknown_field", "is no member of this document");
        } else if (found) {
            validation_add(validation, NULL, "devices", "duplicate", "is there twice");
        } else {
            *devices = value;
            found = true;
        }
    }
    if (!found)
        validation_add(validation, NULL, "devices", "required", "is required");
    return found;
}

bool import_read_json(struct import *import, const char *body, size_t len, char *why,
                      size_t why_size)
{
    struct json_part devices;
    import->base = import->replace ? IMPORT_BASE_DEFAULTS : IMPORT_BASE_STORED;
    if (!json_body_check(body, len, why, why_size))
        return false;
    if (find_json_devices(import, body, len, &devices)) {
        import_json_devices(import, &devices);
        import_finish(import);
    }
    return true;
}
