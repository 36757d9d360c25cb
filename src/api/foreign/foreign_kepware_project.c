/* Reads a project of KEPServerEX in JSON, as rows of its tag CSV. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "api/foreign/foreign_kepware.h"
#include "common/model/value.h"

/* What a device says of all its tags. */
struct project_device {
    unsigned base;
    const char *byte_order; /* of numbers of several registers */
    const char *wide_order; /* of those of four */
    bool has_unit;
    uint8_t unit;
};

/* A tag with its path, "Device.Group.Tag". */
struct project_tag {
    const cJSON *json;
    const char *name, *pointer;
    const struct project_device *device;
};

struct project {
    struct foreign_file *file;
    const char *byte_order; /* as asked */
    struct project_tag *tags;
    size_t count, capacity;
    size_t next; /* row: 0 is the header */
};

/* TAG_DATA_TYPE. Arrays are 20 more. */
static const char *const data_types[] = {"String", "Boolean", "Char",  "Byte",  "Short",
                                         "Word",   "Long",    "DWord", "Float", "Double",
                                         "BCD",    "LBCD",    "Date",  "LLong", "QWord"};
enum { DATA_TYPES = sizeof data_types / sizeof data_types[0], ARRAY_TYPES = 20 };

static const char *project_text(const cJSON *object, const char *member)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, member);
    return cJSON_IsString(item) ? item->valuestring : "";
}

static const char *project_number(struct arena *arena, const cJSON *object, const char *member)
{
    char number[VALUE_TEXT_SIZE];
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, member);
    if (cJSON_IsBool(item))
        return cJSON_IsTrue(item) ? "1" : "0";
    if (!cJSON_IsNumber(item))
        return "";
    value_format_double(item->valuedouble, number);
    return arena_strdup(arena, number);
}

/* True when a setting of the device is on; those that are looked at are on by default. */
static bool setting_is_on(const cJSON *device, const char *setting)
{
    const cJSON *member;
    size_t len = strlen(setting);
    cJSON_ArrayForEach(member, device)
    {
        size_t size = member->string ? strlen(member->string) : 0;
        if (size > len && strcmp(member->string + size - len, setting) == 0 &&
            member->string[size - len - 1] == '.')
            return !cJSON_IsFalse(member);
    }
    return true;
}

static void add_project_tag(struct project *project, const struct project_tag *tag)
{
    struct arena *arena = project->file->arena;
    project->tags =
        arena_grow(arena, project->tags, project->count, &project->capacity, sizeof *project->tags);
    project->tags[project->count++] = *tag;
}

/* Collects the tags of a device or group, and of its groups. */
static void collect_group(struct project *project, const cJSON *group, const char *path,
                          const char *pointer, const struct project_device *device)
{
    struct arena *arena = project->file->arena;
    const cJSON *item;
    int index = 0;
    path = arena_format(arena, "%s%s%s", path, *path ? "." : "",
                        project_text(group, "common.ALLTYPES_NAME"));
    if (strlen(path) > FOREIGN_TEXT_MAX)
        return;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(group, "tags"))
    {
        const char *name = project_text(item, "common.ALLTYPES_NAME");
        const struct project_tag tag = {
            .json = item,
            .name = *name ? arena_format(arena, "%s.%s", path, name) : "",
            .pointer = arena_format(arena, "%s/tags/%d", pointer, index++),
            .device = device};
        add_project_tag(project, &tag);
    }
    index = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(group, "tag_groups"))
    {
        collect_group(project, item, path,
                      arena_format(arena, "%s/tag_groups/%d", pointer, index++), device);
    }
}

/* Reads the settings of a device of a Modbus channel. */
static void collect_device(struct project *project, const cJSON *json, const char *pointer)
{
    struct arena *arena = project->file->arena;
    struct project_device *device = arena_alloc(arena, sizeof *device);
    bool is_low_first = setting_is_on(json, "DEVICE_FIRST_WORD_LOW");
    bool is_normal = setting_is_on(json, "DEVICE_MODBUS_BYTE_ORDER");
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(json, "servermain.DEVICE_ID_DECIMAL");
    const char *id = project_text(json, "servermain.DEVICE_ID_STRING"); /* <192.0.2.1>.7 */
    const char *dot = strrchr(id, '>');
    char *end = NULL;
    long unit = dot && dot[1] == '.' ? strtol(dot + 2, &end, 10) : -1;
    if (cJSON_IsNumber(number) && number->valuedouble >= 0 && number->valuedouble <= 255)
        unit = (long)number->valuedouble;
    device->has_unit = unit >= 0 && unit <= 255;
    device->unit = device->has_unit ? (uint8_t)unit : 0;
    device->base = setting_is_on(json, "DEVICE_ZERO_BASED_ADDRESSING") ? 1 : 0;
    device->byte_order =
        is_normal ? (is_low_first ? "CDAB" : "ABCD") : (is_low_first ? "DCBA" : "BADC");
    device->wide_order = device->byte_order;
    if (is_low_first && !setting_is_on(json, "DEVICE_FIRST_DWORD_LOW"))
        device->wide_order = is_normal ? "CDABGHEF" : "DCBAHGFE";
    if (!is_low_first && setting_is_on(json, "DEVICE_FIRST_DWORD_LOW"))
        device->wide_order = is_normal ? "EFGHABCD" : "FEHGBADC";
    project->file->validation->row = 0;
    project->file->validation->prefix = pointer;
    if (!setting_is_on(json, "DEVICE_ZERO_BASED_BIT_ADDRESSING"))
        validation_add(project->file->validation, NULL,
                       "modbus_ethernet.DEVICE_ZERO_BASED_BIT_ADDRESSING", "invalid_choice",
                       "must be true: here bits count from 0");
    collect_group(project, json, "", pointer, device);
}

/* The columns that are made, and the members of a tag. */
static const struct {
    const char *column, *member;
} members[] = {{"Tag Name", "common.ALLTYPES_NAME"},
               {"Address", "servermain.TAG_ADDRESS"},
               {"Data Type", "servermain.TAG_DATA_TYPE"},
               {"Client Access", "servermain.TAG_READ_WRITE_ACCESS"},
               {"Scaling", "servermain.TAG_SCALING_TYPE"},
               {"Raw Low", "servermain.TAG_SCALING_RAW_LOW"},
               {"Raw High", "servermain.TAG_SCALING_RAW_HIGH"},
               {"Scaled Low", "servermain.TAG_SCALING_SCALED_LOW"},
               {"Scaled High", "servermain.TAG_SCALING_SCALED_HIGH"},
               {"Clamp Low", "servermain.TAG_SCALING_CLAMP_LOW"},
               {"Clamp High", "servermain.TAG_SCALING_CLAMP_HIGH"},
               {"Eng Units", "servermain.TAG_SCALING_UNITS"},
               {"Description", "common.ALLTYPES_DESCRIPTION"},
               {"Negate Value", "servermain.TAG_SCALING_NEGATE_VALUE"}};
enum { MEMBERS = sizeof members / sizeof members[0] };

const char *foreign_kepware_member(const char *column)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        if (strcmp(members[i].column, column) == 0)
            return members[i].member;
    }
    return column;
}

/* Returns the cell of a tag as the CSV has it. */
static const char *project_cell(struct arena *arena, const struct project_tag *tag, size_t i)
{
    static const char *const scalings[] = {"", "Linear", "Square Root"};
    const char *column = members[i].column, *text = project_text(tag->json, members[i].member);
    const char *number = project_number(arena, tag->json, members[i].member);
    long choice = strtol(number, NULL, 10);
    if (strcmp(column, "Tag Name") == 0)
        return tag->name;
    if (strcmp(column, "Client Access") == 0)
        return choice == 1 ? "R/W" : "RO";
    if (strcmp(column, "Scaling") == 0)
        return choice >= 0 && choice <= 2 ? scalings[choice] : number;
    if (strcmp(column, "Data Type") == 0) {
        choice = choice >= ARRAY_TYPES ? choice - ARRAY_TYPES : choice;
        return choice >= 0 && choice < DATA_TYPES ? data_types[choice] : "Default";
    }
    return *text ? text : number;
}

static enum table_result next_project_row(void *context, struct arena *arena, struct table_row *row)
{
    struct project *project = context;
    struct foreign_file *file = project->file;
    size_t at = project->next++;
    if (at > project->count)
        return TABLE_END;
    row->number = (long)at;
    row->count = MEMBERS;
    for (size_t i = 0; i < MEMBERS; i++)
        row->cells[i] =
            at == 0 ? members[i].column : project_cell(arena, &project->tags[at - 1], i);
    if (at == 0)
        return TABLE_ROW;
    const struct project_tag *tag = &project->tags[at - 1];
    file->pointers[at] = tag->pointer;
    file->base = tag->device->base;
    file->has_unit = tag->device->has_unit;
    file->unit = tag->device->unit;
    file->byte_order = project->byte_order ? project->byte_order : tag->device->byte_order;
    file->wide_order = project->byte_order ? project->byte_order : tag->device->wide_order;
    file->swaps_bytes = strcmp(tag->device->byte_order, "BADC") == 0 ||
                        strcmp(tag->device->byte_order, "DCBA") == 0;
    return TABLE_ROW;
}

bool foreign_kepware_read_project(struct foreign_file *file, const struct cJSON *root)
{
    struct project project = {.file = file, .byte_order = file->byte_order};
    const cJSON *body = cJSON_GetObjectItemCaseSensitive(root, "project"), *channel, *device;
    int channels = 0;
    cJSON_ArrayForEach(channel, cJSON_GetObjectItemCaseSensitive(body ? body : root, "channels"))
    {
        const char *driver = project_text(channel, "servermain.MULTIPLE_TYPES_DEVICE_DRIVER");
        const char *pointer =
            arena_format(file->arena, "%s/channels/%d", body ? "/project" : "", channels++);
        int devices = 0;
        if (!strstr(driver, "Modbus")) {
            foreign_file_note(file, FOREIGN_NOTE_SKIPPED,
                              project_text(channel, "common.ALLTYPES_NAME"));
            continue;
        }
        cJSON_ArrayForEach(device, cJSON_GetObjectItemCaseSensitive(channel, "devices"))
        {
            collect_device(&project, device,
                           arena_format(file->arena, "%s/devices/%d", pointer, devices++));
        }
    }
    if (channels == 0) {
        file->validation->row = 0;
        file->validation->prefix = "";
        validation_add(file->validation, NULL, "project", "required",
                       "must be a project that KEPServerEX has saved as JSON, with \"channels\"");
        return false;
    }
    file->pointers = arena_alloc(file->arena, (project.count + 1) * sizeof *file->pointers);
    file->pointers[0] = "";
    file->pointer_count = project.count + 1;
    const struct foreign_table source = {.next_row = next_project_row, .context = &project};
    return foreign_kepware_read(file, &source);
}
