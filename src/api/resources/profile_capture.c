/* The body of a profile, from the records of a device. */
#include "api/resources/profile_capture.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "api/base/text.h"
#include "api/model/profile_text.h"
#include "api/model/profile_use.h"
#include "api/store/record_store.h"

struct capture {
    const struct config_service *config_service;
    const char *device; /* its name */
    struct profile_use *use;
    cJSON *tags;
};

/* Returns the length of the longest parameter that begins here, and its name; 0 for none. */
static size_t capture_find_param(const struct capture *capture, const char *text, bool level,
                                 const char **name)
{
    size_t longest = 0;
    const cJSON *param;
    cJSON_ArrayForEach(param, capture->use->params)
    {
        size_t len = cJSON_IsString(param) ? strlen(param->valuestring) : 0;
        if (len > longest && strncmp(text, param->valuestring, len) == 0) {
            longest = len;
            *name = param->string;
        }
    }
    size_t len = strlen(capture->device);
    if (longest == 0 && level && strncmp(text, capture->device, len) == 0 &&
        (text[len] == '/' || text[len] == '\0')) {
        *name = "device";
        return len;
    }
    return longest;
}

/* Replaces the parameters in a text. */
static void capture_text(const struct capture *capture, bool is_topic, cJSON *item)
{
    struct text out = {0};
    const char *from = item->valuestring, *name = NULL;
    for (const char *at = from; *at;) {
        bool level = is_topic && (at == from || at[-1] == '/');
        size_t len = capture_find_param(capture, at, level, &name);
        if (len > 0)
            text_printf(&out, "{%s}", name);
        else
            text_putc(&out, *at);
        at += len > 0 ? len : 1;
    }
    if (out.data)
        cJSON_SetValuestring(item, out.data);
    text_finish(&out);
}

/* Replaces the parameters in all texts of a value. */
static void capture_texts(const struct capture *capture, bool is_topic, cJSON *item)
{
    cJSON *inner;
    if (cJSON_IsString(item))
        capture_text(capture, is_topic, item);
    cJSON_ArrayForEach(inner, item)
    {
        capture_texts(capture, is_topic || (inner->string && strcmp(inner->string, "topic") == 0),
                      inner);
    }
}

static cJSON *capture_cell(const struct field *field, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_NULL:
        break;
    case CELL_INTEGER:
        return field->type->shape == SHAPE_FLAG ? cJSON_CreateBool(cell->as.integer != 0)
                                                : cJSON_CreateNumber((double)cell->as.integer);
    case CELL_REAL:
        return cJSON_CreateNumber(cell->as.real);
    case CELL_TEXT:
        if (field->type->shape == SHAPE_JSON || field->type->shape == SHAPE_SCALAR ||
            (field->type->shape == SHAPE_STALE && strcmp(cell->as.text, "nan") != 0))
            return cJSON_Parse(cell->as.text);
        return cJSON_CreateString(cell->as.text);
    }
    return cJSON_CreateNull();
}

/* Returns the members of a record that differ from the defaults. */
static cJSON *capture_record(const struct capture *capture, const struct resource *resource,
                             const struct record *record)
{
    cJSON *object = cJSON_CreateObject();
    for (size_t i = 0; i < resource->count; i++) {
        const struct field *field = &resource->fields[i];
        if (cell_is_equal(&record->cells[i], &field->fallback))
            continue;
        cJSON *group = object, *item = capture_cell(field, &record->cells[i]);
        if (field->group) {
            group = cJSON_GetObjectItemCaseSensitive(object, field->group);
            if (!group)
                group = cJSON_AddObjectToObject(object, field->group);
        }
        bool is_name = !field->group && strcmp(field->name, "name") == 0;
        if (!is_name && !field->names && field->type->shape != SHAPE_STALE &&
            field->type->shape != SHAPE_SCALAR)
            capture_texts(capture, strstr(field->name, "topic") != NULL, item);
        cJSON_AddItemToObject(group, field->name, item);
    }
    return object;
}

static void capture_lower_base(struct capture *capture, const char *table, int64_t address)
{
    int64_t *base = &capture->use->base[name_list_find(table_names, table)];
    address -= address % 2;
    if (*base == BASE_NONE || address < *base)
        *base = address;
}

static bool capture_measure_tag(void *context, const struct record *tag)
{
    capture_lower_base(context, record_field_text(tag, TAG_TABLE),
                       record_field_integer(tag, TAG_ADDRESS));
    return true;
}

static bool capture_add_tag(void *context, const struct record *tag)
{
    struct capture *capture = context;
    struct record copy = *tag;
    const char *table = record_field_text(tag, TAG_TABLE);
    copy.cells[TAG_ADDRESS].as.integer -= capture->use->base[name_list_find(table_names, table)];
    if (cell_is_equal(&copy.cells[TAG_KEY], &copy.cells[TAG_NAME]))
        copy.cells[TAG_KEY] = (struct cell){.kind = CELL_NULL};
    cJSON_AddItemToArray(capture->tags, capture_record(capture, &tag_resource, &copy));
    return true;
}

struct cJSON *profile_capture(const struct config_service *config_service,
                              const struct record *device, struct profile_use *use)
{
    const char *name = record_field_text(device, DEVICE_NAME);
    struct capture capture = {.config_service = config_service, .device = name, .use = use};
    struct record_filter list = {
        .after = "", .after_device = name, .needle = "", .device = name, .table = "", .limit = -1};
    struct record copy = *device;
    const cJSON *param;
    cJSON *body = cJSON_CreateObject(), *params;
    for (int i = 0; i < TABLE_COUNT; i++)
        use->base[i] = BASE_NONE;
    record_store_each_tag(config_service->store, config_service->arena, &list, capture_measure_tag,
                          &capture);
    if (!record_field_is_null(device, DEVICE_STATUS_TABLE)) {
        const char *table = record_field_text(device, DEVICE_STATUS_TABLE);
        capture_lower_base(&capture, table, record_field_integer(device, DEVICE_STATUS_ADDRESS));
        copy.cells[DEVICE_STATUS_ADDRESS].as.integer -=
            use->base[name_list_find(table_names, table)];
    }
    copy.cells[DEVICE_PROFILE] = copy.cells[DEVICE_ADDRESS] = (struct cell){.kind = CELL_NULL};
    copy.cells[DEVICE_UNIT_ID] = device_resource.fields[DEVICE_UNIT_ID].fallback;

    cJSON_AddStringToObject(body, "name", use->name);
    params = cJSON_AddObjectToObject(body, "params");
    cJSON_ArrayForEach(param, use->params)
    {
        cJSON_AddObjectToObject(params, param->string);
    }
    cJSON *settings = capture_record(&capture, &device_resource, &copy);
    cJSON_DeleteItemFromObjectCaseSensitive(settings, "name");
    static const char *const own[] = {"label", "description"}; /* unless it holds for others, too */
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (!profile_has_placeholder(cJSON_GetObjectItemCaseSensitive(settings, own[i])))
            cJSON_DeleteItemFromObjectCaseSensitive(settings, own[i]);
    }
    cJSON_AddItemToObject(body, "device", settings);
    capture.tags = cJSON_AddArrayToObject(body, "tags");
    record_store_each_tag(config_service->store, config_service->arena, &list, capture_add_tag,
                          &capture);
    return body;
}
