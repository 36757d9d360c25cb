/* Reads JSON, device by device, so that a large document needs no large tree. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "api/base/json_split.h"
#include "api/model/record_json.h"
#include "api/transfer/import.h"
#include "common/base/json_text.h"
#include "common/base/require.h"

/* Returns the name of a device or tag, or "". */
static const char *json_object_name(const cJSON *object)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "name");
    return cJSON_IsString(name) ? name->valuestring : "";
}

static void import_json_tags(struct import *import, struct import_device *device, const cJSON *tags,
                             const char *prefix)
{
    struct validation *validation = &import->validation;
    int number = 0;
    const cJSON *object;
    if (tags && !cJSON_IsArray(tags)) {
        validation_add(validation, NULL, "tags", "wrong_type", "must be an array");
        return;
    }
    cJSON_ArrayForEach(object, tags)
    {
        struct record tag, old;
        const struct read_only_values set = {.device = *device->name ? device->name : NULL,
                                             .from_export = true};
        validation->prefix = arena_format(validation->arena, "%s/tags/%d", prefix, number++);
        if (!cJSON_IsObject(object)) {
            validation_add_at(validation, "", "wrong_type", "must be an object");
        } else if (!import_read_tag(import, device, json_object_name(object), &tag, &old)) {
            validation_add(validation, NULL, "name", "duplicate",
                           "appears more than once in the device");
        } else {
            record_json_read(&tag_resource, object, false, &set, validation, &tag);
            import_store_tag(import, device, &old, &tag);
        }
    }
}

static void import_json_device(struct import *import, cJSON *object, const char *prefix)
{
    const struct read_only_values set = {.from_export = true};
    struct validation *validation = &import->validation;
    bool again;
    validation->prefix = prefix;
    if (!cJSON_IsObject(object)) {
        validation_add_at(validation, "", "wrong_type", "must be an object");
        return;
    }
    cJSON *tags = cJSON_DetachItemFromObjectCaseSensitive(object, "tags");
    struct import_device *device = import_find_device(import, json_object_name(object), &again);
    if (again) {
        validation_add(validation, NULL, "name", "duplicate",
                       "appears more than once in the document");
    } else {
        record_json_read(&device_resource, object, false, &set, validation, &device->record);
        import_store_device(import, device);
        import_json_tags(import, device, tags, prefix);
    }
    cJSON_Delete(tags);
}

/* Finds the member "devices". False, after an error, when it is missing. */
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
        REQUIRE(key.len >= 2); /* the quotes */
        if (!json_split_key_equals(&key, "devices")) {
            const char *name = arena_strndup(validation->arena, key.text + 1, key.len - 2);
            validation_add(validation, NULL, json_pointer_escape(validation->arena, name),
                           "unknown_field", "unknown member");
        } else if (found) {
            validation_add(validation, NULL, "devices", "duplicate", "appears more than once");
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
    struct validation *validation = &import->validation;
    struct json_part devices, part;
    struct json_walk walk;
    int number = 0;
    import->base = import->replace ? IMPORT_BASE_DEFAULTS : IMPORT_BASE_STORED;
    if (!json_body_check(body, len, why, why_size))
        return false;
    if (!find_json_devices(import, body, len, &devices))
        return true;
    if (!json_split_enter(&devices, '[', &walk)) {
        validation_add(validation, NULL, "devices", "wrong_type", "must be an array");
        return true;
    }
    while (json_split_next_element(&walk, &part)) {
        cJSON *object = cJSON_ParseWithLength(part.text, part.len);
        import_json_device(import, object,
                           arena_format(validation->arena, "/devices/%d", number++));
        cJSON_Delete(object);
    }
    validation->prefix = "";
    import_finish(import);
    return true;
}
