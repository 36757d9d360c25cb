/* Reads JSON, device by device, so that a large document needs no large tree. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "api/base/json_split.h"
#include "api/model/record_json.h"
#include "api/resources/profile_service.h"
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

/* Stores a profile, which may change devices that the document does not name. */
static void import_json_profile(struct import *import, cJSON *object, const char *prefix)
{
    struct validation *validation = &import->validation;
    const char *name = json_object_name(object);
    validation->prefix = import->conflicts.prefix = prefix;
    if (!cJSON_IsObject(object)) {
        validation_add_at(validation, "", "wrong_type", "must be an object");
        return;
    }
    if (string_map_find(&import->profiles, name)) {
        validation_add(validation, NULL, "name", "duplicate",
                       "appears more than once in the document");
        return;
    }
    string_map_add(&import->profiles, arena_strdup(validation->arena, name), import);
    const struct profile *old = profile_service_find(&import->config_service, name);
    size_t before = validation->found;
    struct profile *profile =
        profile_service_read(&import->config_service, object, old, true, validation);
    if (validation->found == before)
        import_store_profile(import, old, profile);
}

/* The members of the document. */
struct json_document {
    struct json_part devices, profiles;
    bool has_devices, has_profiles;
};

/* Finds the members. False, after an error, when there are none. */
static bool find_json_members(struct import *import, const char *body, size_t len,
                              struct json_document *document)
{
    struct json_walk walk;
    struct json_part whole = json_split_root(body, len), key, value;
    struct validation *validation = &import->validation;
    *document = (struct json_document){0};
    if (!json_split_enter(&whole, '{', &walk)) {
        validation_add_at(validation, "", "wrong_type", "must be an object");
        return false;
    }
    while (json_split_next_member(&walk, &key, &value)) {
        REQUIRE(key.len >= 2);                      /* the quotes */
        if (json_split_key_equals(&key, "notes")) { /* of a proposal, for people */
            import->is_proposal = true;
            if (value.len == 0 || *value.text != '[')
                validation_add(validation, NULL, "notes", "wrong_type", "must be an array");
            continue;
        }
        bool is_devices = json_split_key_equals(&key, "devices");
        bool *has = is_devices ? &document->has_devices : &document->has_profiles;
        const char *name = arena_strndup(validation->arena, key.text + 1, key.len - 2);
        if (!is_devices && !json_split_key_equals(&key, "profiles")) {
            validation_add(validation, NULL, json_pointer_escape(validation->arena, name),
                           "unknown_field", "unknown member");
        } else if (*has) {
            validation_add(validation, NULL, name, "duplicate", "appears more than once");
        } else {
            *(is_devices ? &document->devices : &document->profiles) = value;
            *has = true;
        }
    }
    if (!document->has_devices && !document->has_profiles)
        validation_add(validation, NULL, "devices", "required", "is required");
    return document->has_devices || document->has_profiles;
}

/* Reads an array element by element. */
static void read_json_array(struct import *import, const struct json_part *array, const char *name,
                            void (*read)(struct import *, cJSON *, const char *prefix))
{
    struct validation *validation = &import->validation;
    struct json_part part;
    struct json_walk walk;
    int number = 0;
    validation->prefix = "";
    if (!json_split_enter(array, '[', &walk)) {
        validation_add(validation, NULL, name, "wrong_type", "must be an array");
        return;
    }
    while (json_split_next_element(&walk, &part)) {
        cJSON *object = cJSON_ParseWithLength(part.text, part.len);
        read(import, object, arena_format(validation->arena, "/%s/%d", name, number++));
        cJSON_Delete(object);
    }
    validation->prefix = "";
}

bool import_read_json(struct import *import, const char *body, size_t len, char *why,
                      size_t why_size)
{
    struct json_document document;
    size_t mark = len >= 3 && memcmp(body, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    body += mark;
    len -= mark;
    import->base = import->replace ? IMPORT_BASE_DEFAULTS : IMPORT_BASE_STORED;
    if (!json_body_check(body, len, why, why_size))
        return false;
    if (!find_json_members(import, body, len, &document))
        return true;
    import->has_profiles = document.has_profiles;
    import->keep_devices = !document.has_devices;
    if (document.has_profiles) /* before the devices, wherever they are */
        read_json_array(import, &document.profiles, "profiles", import_json_profile);
    if (document.has_devices)
        read_json_array(import, &document.devices, "devices", import_json_device);
    import_finish(import);
    return true;
}
